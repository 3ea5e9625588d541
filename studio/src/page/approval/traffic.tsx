import { bytes, nameIn } from '../../../../src/base/show.ts';
import type { trafficOf } from '../../api/approval.ts';
import { DataList } from '../../component/data-list.tsx';
import { Instant } from '../../component/instant.tsx';
import { Section } from '../../component/page.tsx';
import { StateBadge } from '../../component/state-badge.tsx';
import { endOf, endWord } from '../network/flow-end.ts';

/** What flows over a connection now, and what has lately. */
export const Traffic = ({ traffic }: { traffic: ReturnType<typeof trafficOf> }) => (
  <Section
    title={traffic.live === 0 ? 'Nothing flows over it now' : `${traffic.live} live, ${bytes(traffic.bytes)} lately`}
  >
    <DataList
      label="Flows over this connection"
      rows={traffic.own.slice(0, 200)}
      keyOf={({ id }) => id}
      columns={[
        { title: 'Began', cell: ({ at }) => <Instant at={at} /> },
        { title: 'Verdict', width: 100, cell: ({ verdict }) => <StateBadge state={verdict} /> },
        {
          title: 'Moved',
          width: 100,
          isNumber: true,
          cell: (flow) => bytes(flow.bytesSent + flow.bytesReceived),
        },
        {
          title: 'End',
          width: 80,
          cell: (flow) => <span title={nameIn(flow.endpoint ?? '')}>{endWord[endOf(flow)]}</span>,
        },
      ]}
      empty={<p>No worker has used it lately.</p>}
    />
  </Section>
);
