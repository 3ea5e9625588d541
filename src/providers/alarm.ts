// A step that the clock brings about, at an instant that may be months away and on a machine that may sleep meanwhile.

/** An alarm: rung once the clock has passed the instant that was set last. */
export type Alarm = {
  /** ISO 8601; null: none. */
  set(at: string | null): void;
  close(): void;
};

/** The clock is looked at as often as this: it may be set, or the machine wake, without a timer being told. */
const lookMs = 10_000;
const againMs = 1_000;

/** Makes an alarm. It rings again after a second where `ring` failed; `failed` is told. Keeps no process alive. */
export const createAlarm = (ring: () => Promise<void>, failed: (error: unknown) => void): Alarm => {
  let timer: NodeJS.Timeout | undefined;
  let isOpen = true;
  const wait = (ms: number, step: () => void) => {
    clearTimeout(timer);
    if (isOpen) timer = setTimeout(step, ms).unref();
  };
  const rung = () =>
    ring().catch((error: unknown) => {
      if (!isOpen) return;
      failed(error);
      wait(againMs, rung);
    });
  const watch = (at: number) => {
    const left = at - Date.now();
    if (left <= 0) void rung();
    else wait(Math.min(left, lookMs), () => watch(at));
  };
  return {
    set: (at) => {
      clearTimeout(timer);
      // In a turn of its own: it is set by what it rings.
      if (at !== null) wait(0, () => watch(Date.parse(at)));
    },
    close: () => {
      isOpen = false;
      clearTimeout(timer);
    },
  };
};
