import type { Metadata } from "next";
import { ButtonLink } from "./_ui/button.tsx";
import { OperatorFrame } from "./(auth)/operator-frame.tsx";

export const metadata: Metadata = { title: "Page not found" };

export default function NotFound() {
  return (
    <OperatorFrame
      title="This page does not exist"
      description="The address may be mistyped, or it leads to something that your account cannot see."
    >
      <ButtonLink variant="primary" href="/">
        Go to the start
      </ButtonLink>
    </OperatorFrame>
  );
}
