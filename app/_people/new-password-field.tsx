import { TextField } from "#app/_ui/field.tsx";

/** Where somebody chooses a password. The rules are checked where it is kept, not here. */
export function NewPasswordField({ label = "Password" }: { label?: string }) {
  return (
    <TextField
      name="password"
      label={label}
      hint="At least 10 characters, not your e-mail address. Four random words are good."
      type="password"
      autoComplete="new-password"
      required
      minLength={10}
      maxLength={200}
    />
  );
}
