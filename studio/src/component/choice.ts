// What somebody chose on a page stands in its address, so that it can be sent, reloaded and gone back from.
import { useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';

/** Parameters to set; null takes one away. */
export type Choices = Readonly<Record<string, string | null>>;

/** The address's parameters after the choices. */
export const withChoices = (search: URLSearchParams, choices: Choices): URLSearchParams => {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(choices))
    if (value === null) next.delete(name);
    else next.set(name, value);
  return next;
};

/** What the address says at this moment, which may be ahead of what is drawn. */
const addressNow = () => new URLSearchParams(window.location.search);

/** What is chosen on this page, the address of another choice, and a way to choose. What else was chosen stays. */
export const useChoice = () => {
  const [search, setSearch] = useSearchParams();
  return {
    chosen: (name: string): string | null => search.get(name),
    addressOf: (choices: Choices, page = ''): string => `${page}?${withChoices(search, choices)}`,
    /** As `chosen`, for what follows from one choice quickly after another. */
    chosenNow: (name: string): string | null => addressNow().get(name),
    /** `isStep`: the back button undoes it. It is not for what changes with each key that is pressed. */
    choose: (choices: Choices, isStep = true): void =>
      setSearch(withChoices(addressNow(), choices), { replace: !isStep }),
  };
};

const typingMs = 250;

/** A text that is typed, and stands in the address once its writer rests. */
export const useTyped = (name: string): [text: string, type: (text: string) => void] => {
  const { chosen, choose } = useChoice();
  const told = chosen(name) ?? '';
  const [text, setText] = useState(told);
  const written = useRef(told);
  useEffect(() => {
    // Another address, by a link or the back button: not the one that was written here.
    if (told !== written.current) setText(told);
    written.current = told;
  }, [told]);
  const latest = useRef(choose);
  latest.current = choose;
  useEffect(() => {
    if (text === written.current) return;
    const timer = window.setTimeout(() => {
      written.current = text;
      latest.current({ [name]: text === '' ? null : text }, false);
    }, typingMs);
    return () => window.clearTimeout(timer);
  }, [text, name]);
  return [text, setText];
};
