/**
 * NACKs, resource by resource. A client rejects a whole response; which of its resources is at fault is read from the names in its
 * error text, else it is whatever changed since the last ACK.
 */
import type { Resource } from '../snapshot/index.ts';
import { pushed, type Push } from './push.ts';

export interface Rejection {
  readonly name: string;
  /** The version that was refused; another version of the resource is tried again. */
  readonly version: string;
  /** The client's words, without control characters, at most 1,024 characters. */
  readonly reason: string;
  /** Monotonic ms. */
  readonly since: number;
  readonly resource: Resource;
  /** What the client keeps; undefined: it holds none, or one that we do not know. */
  readonly lastGood: Resource | undefined;
}

const REASON_LENGTH = 1024;

/** Client text made fit for logs and status. */
export const cleanReason = (text: string): string => {
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  const clean = text.slice(0, 4 * REASON_LENGTH).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  return clean.length > REASON_LENGTH ? `${clean.slice(0, REASON_LENGTH - 1)}…` : clean;
};

const isNameCharacter = (character: string | undefined): boolean =>
  character !== undefined && /[\p{L}\p{N}_/.:-]/u.test(character);

/** True when `name` stands in `text` as a whole word; a full stop or colon after it may end the sentence. */
export function mentions(text: string, name: string): boolean {
  if (name === '') return false;
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    if (isNameCharacter(text[at - 1])) continue;
    const after = text.slice(at + name.length);
    if (!isNameCharacter(after[0]) || /^[.:]+(?:\s|$)/.test(after)) return true;
  }
  return false;
}

export interface Blame {
  /** At least one, unless the response held none. */
  readonly names: readonly string[];
  /** False when they are mere suspects: the client may have taken some of them. */
  readonly certain: boolean;
}

/** The resources at fault. */
export function blame(push: Push, reason: string): Blame {
  const sent = pushed(push).map(({ name }) => name);
  const suspects = push.changed.length > 0 ? push.changed : sent;
  for (const candidates of [suspects, sent]) {
    const names = candidates.filter((name) => mentions(reason, name));
    if (names.length > 0) return { names, certain: true };
  }
  return { names: suspects, certain: suspects.length === 1 };
}
