import { TextArea } from "#app/_ui/field.tsx";

/** Why an administrator does it. Asked wherever something is done in somebody else's place. */
export function Why() {
  return (
    <TextArea
      name="reason"
      label="Reason"
      hint="Kept in the audit log."
      rows={2}
      maxLength={500}
      required
    />
  );
}
