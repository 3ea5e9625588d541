// A name by the rule that the server holds it to, said before it is sent.
import { Field, Input } from '@fluentui/react-components';
import { useState } from 'react';
import type { NameRule } from '../../../src/arm/resource-type.ts';

/** Whether a name is as its rule says. */
export const isName = ({ pattern, min, max }: NameRule, name: string): boolean =>
  name.length >= min && name.length <= max && pattern.test(name);

/** A field for a new name. */
export const NameField = ({
  label = 'Name',
  rule,
  value,
  onChange,
  hint,
}: {
  label?: string;
  rule: NameRule;
  value: string;
  onChange(value: string): void;
  hint?: string;
}) => {
  const [isLeft, setLeft] = useState(false);
  const isBad = isLeft && value !== '' && !isName(rule, value);
  return (
    <Field
      label={label}
      required
      hint={hint}
      validationState={isBad ? 'error' : 'none'}
      validationMessage={isBad ? `A name has ${rule.says}.` : undefined}
    >
      <Input
        value={value}
        onChange={(_, { value: next }) => onChange(next)}
        onBlur={() => setLeft(true)}
        autoComplete="off"
        spellCheck={false}
      />
    </Field>
  );
};
