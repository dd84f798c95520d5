import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { Accent } from "./_server/accent.tsx";
import { ClockProvider } from "./_ui/clock.tsx";
import { readTheme } from "./_ui/cookies.ts";
import { KeptPlace } from "./_ui/kept-place.tsx";
import { knownZone } from "./_ui/time-format.ts";
import { Toaster } from "./_ui/toast.tsx";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Billhook", template: "%s · Billhook" },
  description: "Plans, subscriptions and invoices.",
  applicationName: "Billhook",
  icons: {
    icon: [
      { url: "/favicon.ico", sizes: "32x32" },
      { url: "/icon.svg", type: "image/svg+xml" },
    ],
    apple: "/apple-touch-icon.png",
  },
  robots: { index: false, follow: false },
  formatDetection: { telephone: false, email: false, address: false },
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  colorScheme: "light dark",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f8f7f8" },
    { media: "(prefers-color-scheme: dark)", color: "#131114" },
  ],
};

/** Every page. Theme and time zone come from cookies, so that the first paint is already right. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const jar = await cookies();
  const theme = readTheme(jar.get("theme")?.value);
  return (
    <html lang="en" data-theme={theme === "system" ? undefined : theme}>
      <body>
        <Accent />
        <ClockProvider zone={knownZone(jar.get("zone")?.value)} renderedAt={Date.now()}>
          {children}
          <Toaster />
          <KeptPlace />
        </ClockProvider>
      </body>
    </html>
  );
}
