/** Claims of a token for a question: a token as it is sent, or the claims alone as JSON. The signature is not looked at. */
import { readFileSync } from 'node:fs';
import type { StatedRequest } from '@weft/compile/answers';
import { UsageError } from '../errors.ts';
import { unreadableReason } from '../files/unreadable.ts';

type Claims = NonNullable<StatedRequest['claims']>;

/** `file`: its path; `-` is standard input. */
export function claimsIn(file: string): Claims {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`--jwt: ${file}: ${unreadableReason(error)}`);
  }
  const parts = text.split('.');
  const json = parts.length === 3 && !text.startsWith('{') ? Buffer.from(parts[1] ?? '', 'base64url').toString() : text;
  try {
    const claims: unknown = JSON.parse(json);
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return claims as Claims;
  } catch {
    // Told below.
  }
  throw new UsageError(`--jwt: ${file} holds neither a token nor its claims as a JSON object`);
}
