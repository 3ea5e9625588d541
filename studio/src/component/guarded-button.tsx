// A button for what a role may not do is there, and says why it does nothing.
import { Button, type ButtonProps } from '@fluentui/react-components';
import { Hint } from './hint.tsx';

/** `may`: true, false, or null while it is not known. `needs` is the action that a role would have to grant. */
export const GuardedButton = ({ may, needs, ...button }: { may: boolean | null; needs: string } & ButtonProps) =>
  may === false ? (
    <Hint says={`You have no role here with ${needs}.`}>
      <Button {...(button as object)} disabledFocusable />
    </Hint>
  ) : (
    <Button {...(button as object)} disabled={may === null || button.disabled === true} />
  );
