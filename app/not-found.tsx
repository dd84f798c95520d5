import type { Metadata } from "next";
import { AuthFrame } from "./_ui/auth-frame.tsx";
import { ButtonLink } from "./_ui/button.tsx";

export const metadata: Metadata = { title: "Page not found" };

export default function NotFound() {
  return (
    <AuthFrame
      title="This page does not exist"
      description="The address may be mistyped, or it leads to something that your account cannot see."
    >
      <ButtonLink variant="primary" href="/">
        Go to the start
      </ButtonLink>
    </AuthFrame>
  );
}
