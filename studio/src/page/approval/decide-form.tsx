// The owner's answer, with what it does said before it is done.
import { Field, MessageBar, MessageBarBody, Textarea } from '@fluentui/react-components';
import { useState } from 'react';
import { bytes } from '../../../../src/base/show.ts';
import { type Approval, type OwnerFlow, trafficOf, useDecide } from '../../api/approval.ts';
import { hostOf } from '../../api/target.ts';
import { FormDialog } from '../../component/form-dialog.tsx';

/** What an owner may say. `Removed` ends the connection for good. */
export type Answer = 'Approved' | 'Rejected' | 'Removed';

const cutWords = ({ data, error }: { data: OwnerFlow[] | undefined; error: unknown }, approval: Approval): string => {
  if (!data)
    return error
      ? 'What flows over it now is not known to you; all of it is cut.'
      : 'Looking at what flows over it now…';
  const { live, liveBytes } = trafficOf(data, approval);
  if (live === 0) return 'Nothing flows over it at this moment. Runs that need it fail from now on.';
  const flowing = live === 1 ? 'one live flow' : `${live} live flows`;
  const moved = liveBytes > 0 ? `, which moved ${bytes(liveBytes)} so far` : '';
  return `This cuts ${flowing}${moved}. The runs behind them fail, and say that you rejected it.`;
};

const effectOf = (approval: Approval, answer: Answer, flows: Parameters<typeof cutWords>[0]): string => {
  if (answer === 'Approved') {
    const host = hostOf(approval.store.id, approval.groupId);
    return `From the moment this answers, workers of ${approval.from.split('.')[0]} reach ${host ?? approval.store.name}, and nothing else of yours.`;
  }
  const end =
    answer === 'Removed'
      ? ' The factory then can only delete its endpoint and ask again.'
      : ' You can approve it again later.';
  return approval.state === 'Approved' ? `${cutWords(flows, approval)}${end}` : `Nothing flows over it.${end}`;
};

/** Asks for the words that the requester will read, and sends the answer. */
export const DecideForm = ({
  approval,
  answer,
  title,
  submit,
  flows,
  onClose,
}: {
  approval: Approval;
  answer: Answer;
  title: string;
  submit: string;
  flows: { data: OwnerFlow[] | undefined; error: unknown };
  onClose(): void;
}) => {
  const [words, setWords] = useState('');
  const decide = useDecide();
  return (
    <FormDialog
      title={title}
      submit={submit}
      isDanger={answer !== 'Approved' && approval.state === 'Approved'}
      onSubmit={() => decide.mutateAsync({ id: approval.id, status: answer, description: words.trim() })}
      onClose={onClose}
    >
      <MessageBar intent={answer === 'Approved' ? 'info' : 'warning'} layout="multiline">
        <MessageBarBody>{effectOf(approval, answer, flows)}</MessageBarBody>
      </MessageBar>
      {answer !== 'Removed' && (
        <Field label="Your words" hint="The engineer reads them, also in the error of a run that fails.">
          <Textarea
            value={words}
            maxLength={1000}
            onChange={(_, { value }) => setWords(value)}
            placeholder={
              answer === 'Approved' ? 'For the spring campaign, until June' : 'Why not, and what would change that'
            }
          />
        </Field>
      )}
    </FormDialog>
  );
};
