// What somebody chose on a page stands in its address, so that it can be sent, reloaded and gone back from.
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

/** What is chosen on this page, the address of another choice, and a way to choose. What else was chosen stays. */
export const useChoice = () => {
  const [search, setSearch] = useSearchParams();
  return {
    chosen: (name: string): string | null => search.get(name),
    addressOf: (choices: Choices, page = ''): string => `${page}?${withChoices(search, choices)}`,
    /** `isStep`: the back button undoes it. It is not for what changes with each key that is pressed. */
    choose: (choices: Choices, isStep = true): void =>
      setSearch((before) => withChoices(before, choices), { replace: !isStep }),
  };
};
