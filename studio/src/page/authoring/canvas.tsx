// Activities and what they wait for, drawn. The same canvas shows a pipeline that is written and a run of it.
import {
  Background,
  type Connection,
  Controls,
  type Edge,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useMemo, useState } from 'react';
import type { Activity } from '../../api/pipeline.ts';
import { useThemeChoice } from '../../app/theme-context.ts';
import { StateBadge } from '../../component/state-badge.tsx';
import styles from './canvas.module.css';
import { layOut } from './canvas-layout.ts';
import { innersOf } from './container.ts';

type Data = { activity: Activity; status: string | null };
type ActivityNode = Node<Data, 'activity'>;
type Size = { width: number; height: number };

const insideWords = (activity: Activity): string => {
  const inners = innersOf(activity);
  const count = inners.reduce((sum, { activities }) => sum + activities.length, 0);
  return inners.length === 0 ? '' : `, ${count} inside`;
};

const Box = ({ data, selected }: NodeProps<ActivityNode>) => (
  <div className={`${styles.box} ${selected ? styles.selected : ''}`}>
    <Handle type="target" position={Position.Left} className={styles.handle} />
    <span className={styles.type}>
      {data.activity.type}
      {insideWords(data.activity)}
    </span>
    <code className={styles.name}>{data.activity.name}</code>
    {data.status !== null && <StateBadge state={data.status} />}
    <Handle type="source" position={Position.Right} className={styles.handle} />
  </div>
);

const nodeTypes = { activity: Box };

const edgesOf = (activities: readonly Activity[]): Edge[] =>
  activities.flatMap(({ name, dependsOn }) =>
    (dependsOn ?? []).map(({ activity, dependencyConditions }) => {
      const condition = dependencyConditions.join(' or ');
      return {
        id: `${activity} -> ${name}`,
        source: activity,
        target: name,
        label: condition,
        className: styles[condition.toLowerCase()] ?? styles.completed ?? '',
        markerEnd: { type: MarkerType.ArrowClosed },
        ariaLabel: `${name} runs after ${activity}: ${condition}`,
      };
    }),
  );

/** The canvas. Without `onConnect` it is only looked at. `statusOf` tells how an activity does in a run. */
export const Canvas = ({
  activities,
  selected,
  onSelect,
  onConnect,
  statusOf,
}: {
  activities: readonly Activity[];
  selected: string | null;
  onSelect(name: string | null): void;
  onConnect?: (from: string, to: string) => void;
  statusOf?: (name: string) => string | null;
}) => {
  const { isDark } = useThemeChoice();
  const places = useMemo(() => layOut(activities), [activities]);
  // A node that comes without its size is hidden until it is measured again.
  const [sizes, setSizes] = useState<ReadonlyMap<string, Size>>(new Map());
  const nodes = activities.map((activity): ActivityNode => {
    const measured = sizes.get(activity.name);
    return {
      id: activity.name,
      type: 'activity',
      position: places.get(activity.name) ?? { x: 0, y: 0 },
      data: { activity, status: statusOf?.(activity.name) ?? null },
      selected: activity.name === selected,
      draggable: false,
      connectable: onConnect !== undefined,
      ariaLabel: `${activity.type} ${activity.name}`,
      ...(measured && { measured }),
    };
  });
  return (
    <div className={styles.canvas}>
      <ReactFlow
        // What is drawn first is all in view; more activities make it anew.
        key={activities.length}
        nodes={nodes}
        edges={edgesOf(activities)}
        nodeTypes={nodeTypes}
        colorMode={isDark ? 'dark' : 'light'}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.15 }}
        minZoom={0.2}
        nodesDraggable={false}
        nodesConnectable={onConnect !== undefined}
        deleteKeyCode={null}
        onNodesChange={(changes) => {
          for (const change of changes) {
            if (change.type === 'select' && change.selected) onSelect(change.id);
            if (change.type !== 'dimensions' || !change.dimensions) continue;
            const { id, dimensions } = change;
            setSizes((before) => new Map(before).set(id, dimensions));
          }
        }}
        onPaneClick={() => onSelect(null)}
        onConnect={({ source, target }: Connection) => onConnect?.(source, target)}
        proOptions={{ hideAttribution: true }}
        aria-label="Activities"
      >
        <Background />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
};
