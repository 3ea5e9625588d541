import { ServiceError } from '../../base/error.ts';
import type { Json } from '../../base/json.ts';
import { isFitToShow } from '../../private-link/wording.ts';

/** The words that one side writes to the other, '' where there are none. They end up in terminals and mails: 400 where they are not fit for that. */
export const readWords = (value: Json | undefined, field: string): string => {
  if (typeof value !== 'string') return '';
  if (isFitToShow(value)) return value;
  throw new ServiceError(
    400,
    'InvalidRequestContent',
    `'${field}' holds a control character or one that turns text around. It is shown to the other side: write plain text; lines and tabs are fine.`,
    { target: field },
  );
};
