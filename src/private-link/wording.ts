// The words that a connection carries to the person on the other side.

/** What both sides read while the owner has not spoken, and what must still be done elsewhere. */
export const firstWords = { description: '', actionsRequired: 'None', autoApproved: 'Auto-Approved' } as const;

/** What the requester reads of a connection that its target's side has ended. */
export const lastWords = {
  removed: 'The owner of the target removed this connection. Delete the private endpoint and request it again.',
  targetDeleted: 'The target was deleted. Delete the private endpoint.',
} as const;

/** Whether words may be shown to the person on the other side as they are: no control character but line breaks and tabs, nothing that turns text around. */
export const isFitToShow = (text: string): boolean => !/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u.test(text);
