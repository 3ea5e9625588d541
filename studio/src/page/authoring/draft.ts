// Something that is being written: the same thing as a form and as JSON, always in step.
import { useState } from 'react';
import type { JsonObject } from '../../../../src/base/json.ts';
import { jsonFault } from '../../component/json-editor.tsx';

/** A draft. `value` is the last that could be read; `text` is what stands in the JSON editor. */
export type Draft<T extends JsonObject> = {
  value: T;
  text: string;
  fault: string | null;
  isChanged: boolean;
  setValue(value: T): void;
  setText(text: string): void;
  /** Takes what is stored for what was written. */
  settle(stored: T): void;
};

const write = (value: JsonObject) => JSON.stringify(value, null, 2);

/** A draft that begins as what is stored, or as a first suggestion. */
export const useDraft = <T extends JsonObject>(stored: T): Draft<T> => {
  const [base, setBase] = useState(() => write(stored));
  const [value, setValue] = useState(stored);
  const [text, setText] = useState(base);
  return {
    value,
    text,
    fault: jsonFault(text),
    isChanged: text !== base,
    setValue: (next) => {
      setValue(next);
      setText(write(next));
    },
    setText: (next) => {
      setText(next);
      if (jsonFault(next) === null) setValue(JSON.parse(next) as T);
    },
    settle: (next) => {
      setBase(write(next));
      setValue(next);
      setText(write(next));
    },
  };
};
