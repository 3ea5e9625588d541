import { useLayoutEffect, useState } from 'react';

/** Whether an element is narrower than `least` pixels, as it is and as it becomes; and the ref that it is given. */
export const useNarrow = <E extends HTMLElement>(
  least: number,
): { isNarrow: boolean; element: E | null; place(element: E | null): void } => {
  const [element, place] = useState<E | null>(null);
  const [isNarrow, setNarrow] = useState(false);
  useLayoutEffect(() => {
    if (!element) return;
    const look = () => setNarrow(element.clientWidth < least);
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, [element, least]);
  return { isNarrow, element, place };
};
