import { useAll } from '../../api/query.ts';
import type { Decision } from '../../api/shape.ts';
import { useFactory } from '../../app/factory.ts';
import { Answered, Page } from '../../component/page.tsx';
import { Trail } from './trail.tsx';

/** The audit trail of a factory. */
export const AuditPage = () => {
  const factory = useFactory();
  const decisions = useAll<Decision>(`${factory.id}/providers/Postern.Network/decisions?top=1000`);
  return (
    <Page
      title="Audit trail"
      says="Who decided what may leave the sealed network, on either side, also about what is gone by now. The latest 1,000."
    >
      <Answered of={decisions}>{(all) => <Trail decisions={all} />}</Answered>
    </Page>
  );
};
