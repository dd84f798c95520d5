import { LogOut } from "lucide-react";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { signOutHere } from "./sign-out.ts";

/** For the account menu of every frame. */
export function SignOutButton() {
  return (
    <form action={signOutHere}>
      <SubmitButton
        variant="quiet"
        size="sm"
        icon={<LogOut className="size-4" aria-hidden="true" />}
      >
        Sign out
      </SubmitButton>
    </form>
  );
}
