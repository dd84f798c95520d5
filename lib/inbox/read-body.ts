import type { IncomingMessage } from "node:http";
import {
  type Answer,
  BODY_BYTES_MAX,
  BODY_TIME_LIMIT_MS,
  notNow,
  tooLarge,
  tooSlow,
} from "./answer.ts";

/** What all bodies together may hold while they are still coming in. */
const BYTES_COMING_MAX = 16 * 1_048_576;
/** Making room takes this share away at once, so that a crowd does not ask for it with every byte. */
const ROOM_SHARE = 0.75;

type Reader = { held: number; giveUp(): void };

const readers = new Set<Reader>();
let heldByAll = 0;

/** The whole body; the answer for one that is too large, too slow or one too many; `gone` when the sender left. */
export function readBody(request: IncomingMessage): Promise<Buffer | Answer | "gone"> {
  return new Promise((resolve) => {
    const body = growing();
    const reader: Reader = { held: 0, giveUp: () => settle(notNow) };
    const settle = (outcome: Buffer | Answer | "gone") => {
      clearTimeout(timer);
      request.off("data", onData).off("end", onEnd).off("close", onClose);
      readers.delete(reader);
      heldByAll -= reader.held;
      // The request outlives its body: while the sender is told, and until the connection's next request.
      body.drop();
      resolve(outcome);
    };
    const onData = (chunk: Buffer) => {
      if (body.size() + chunk.length > BODY_BYTES_MAX) return settle(tooLarge);
      heldByAll -= reader.held;
      reader.held = body.add(chunk);
      heldByAll += reader.held;
      if (heldByAll > BYTES_COMING_MAX) makeRoom();
    };
    const onEnd = () => settle(body.whole());
    const onClose = () => settle("gone");
    const timer = setTimeout(() => settle(tooSlow), BODY_TIME_LIMIT_MS);
    readers.add(reader);
    // Without a listener, an error of a sender who leaves in the middle would end the process.
    request.on("error", () => {});
    request.on("data", onData).on("end", onEnd).on("close", onClose);
  });
}

/** Sends away the largest bodies that are not complete: a gateway's are small and come at once. */
function makeRoom(): void {
  for (const reader of [...readers].sort((a, b) => b.held - a.held)) {
    if (heldByAll <= BYTES_COMING_MAX * ROOM_SHARE) return;
    reader.giveUp();
  }
}

/**
 * A body as it grows. Its sender decides how small the pieces are, so they are copied together: a list
 * of a million pieces of one byte would take a hundred times the room.
 */
export function growing() {
  let held: Buffer = EMPTY;
  let size = 0;
  return {
    size: () => size,
    /** Answers how many bytes are held now. */
    add(chunk: Uint8Array): number {
      if (size === 0) held = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      else {
        if (size + chunk.length > held.length) {
          const grown = Buffer.allocUnsafeSlow(
            Math.max(size + chunk.length, Math.min(2 * held.length, BODY_BYTES_MAX)),
          );
          held.copy(grown, 0, 0, size);
          held = grown;
        }
        held.set(chunk, size);
      }
      size += chunk.length;
      return held.length;
    },
    whole: () => held.subarray(0, size),
    /** Holds nothing any more, whoever still holds this. */
    drop(): void {
      held = EMPTY;
      size = 0;
    },
  };
}

const EMPTY = Buffer.alloc(0);
