import type { Sql } from "#db/client.ts";
import type { Contender } from "./contenders.ts";
import type { LoadResult } from "./load.ts";

/**
 * One thing that is measured: what is done on a stand, and what the raw numbers say. `report` is made
 * again from the stored numbers whenever the page is composed, so that no figure is written by hand.
 */
export type Figure<Run> = {
  /** What `--only` takes, and the name of its JSON file. */
  readonly name: string;
  readonly heading: string;
  /** Takes long: runs only when it is named. */
  readonly isLong?: boolean;
  /** Measures, checks that what it measured is true, and answers raw numbers: plain JSON, nothing rounded. */
  measure(stand: Stand): Promise<Run>;
  report(run: Run): Report;
};

/** A place to measure: a PostgreSQL of its own whose commits wait for the disk, migrated and prepared. */
export type Stand = Database & {
  readonly rounds: number;
  /** How long one turn of load takes. */
  readonly seconds: number;
  readonly connections: number;
  say(line: string): void;
  /** A process of Billhook by its one entrance, ready; stopped with the stand at the latest. */
  startBillhook(
    role: "web" | "worker" | "all",
    env?: Readonly<Record<string, string>>,
  ): Promise<Contender>;
  /** Keeps a process that the figure started itself, so that it ends with the stand. */
  keep(starting: Promise<Contender>): Promise<Contender>;
  stop(contender: Contender): Promise<void>;
  /** A load generator in a process of its own, against one address. */
  load(contender: Contender, path: string, options?: LoadOptions): Promise<LoadResult>;
  /** Another database as the first one was. From then on what is started, and code here, uses it. */
  freshDatabase(): Promise<Database>;
};

export type Database = { readonly sql: Sql; readonly databaseUrl: string };

/** See load.ts, which takes them as its arguments. */
export type LoadOptions = {
  readonly seconds?: number;
  readonly connections?: number;
  /** Signs events of 2 KB with ids of their own; without it the same small body is posted again and again. */
  readonly secret?: string;
  /** How many events are made before the clock starts: no more can be sent. */
  readonly events?: number;
  /** Part of the events' ids, so that no two turns send the same. */
  readonly run?: string;
  /** Requests a second, each due at a fixed time from which its latency counts; without it, as many as go. */
  readonly rate?: number;
};

export type Report = {
  /** The rows that this figure has in the table of all. */
  readonly figures: readonly Line[];
  /** Markdown: tables, how it was measured, what limits it. Headings in it begin at `###`. */
  readonly body: string;
  readonly plots?: readonly Plot[];
};

export type Line = {
  readonly what: string;
  /** Median and range, with the unit. */
  readonly measured: string;
  /** Absent where the figure is only told. */
  readonly aim?: string;
  readonly holds?: boolean;
};

export type Plot = {
  /** The name of its SVG file. */
  readonly name: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** Bars stand over names, lines over numbers. */
  readonly kind?: "line" | "bar";
  /** A level of y that is aimed at, drawn as a line with its words. */
  readonly aim?: { readonly at: number; readonly words: string };
};

export type Axis = {
  /** With its unit. */
  readonly label: string;
  readonly scale?: "linear" | "log";
};

export type Series = { readonly name: string; readonly points: readonly Point[] };

export type Point = {
  readonly x: number | string;
  readonly y: number;
  /** The range over the rounds. */
  readonly low?: number;
  readonly high?: number;
};
