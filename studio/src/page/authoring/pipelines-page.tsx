import type { PipelineBody } from '../../api/pipeline.ts';
import { AuthoredList } from './authored.tsx';
import { pipelines } from './kind.ts';

/** The pipelines of a factory. */
export const PipelinesPage = () => (
  <AuthoredList<PipelineBody>
    kind={pipelines}
    title="Pipelines"
    says="Activities, and what each waits for."
    columns={[
      { title: 'Activities', width: 120, isNumber: true, cell: ({ properties }) => properties.activities?.length ?? 0 },
      {
        title: 'Kinds',
        cell: ({ properties }) => [...new Set((properties.activities ?? []).map(({ type }) => type))].join(', ') || '–',
      },
      { title: 'Description', cell: ({ properties }) => String(properties.description ?? '–') },
    ]}
    teaches="A pipeline is what runs: copy a table, look something up, wait. Draw one, and debug it before it is saved."
  />
);
