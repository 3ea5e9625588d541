const form = /^(-)?(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?$/;

/** Reads a span, `[-][d.]hh:mm[:ss[.fffffff]]`, into its one form with seconds and seven digits. Undefined where it is none. */
export const readTimeSpan = (text: string): string | undefined => {
  const [all, sign = '', days, hours, minutes, seconds = '00', fraction = ''] = form.exec(text.trim()) ?? [];
  if (all === undefined || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const whole = days === undefined || Number(days) === 0 ? '' : `${Number(days)}.`;
  return `${sign}${whole}${hours!.padStart(2, '0')}:${minutes}:${seconds}.${fraction.padEnd(7, '0')}`;
};
