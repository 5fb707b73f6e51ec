/** A JWK set (RFC 7517) as somebody wrote it: its shape, and that no secret stands in it. Whether a key is good is the engine's business. */
import { isMapping } from '../schema/violations.ts';
import type { Report } from '../schema/schema.ts';

/** Members of private keys (RFC 7518, 6.2.2 and 6.3.2), and of secrets (6.4.1). */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

export const isPrivateJwk = (key: object): boolean => PRIVATE.some((member) => Object.hasOwn(key, member));

export function checkJwks(text: string, report: Report): void {
  const fault = (message: string, remedy: string): void => report(['jwks'], 'invalid-jwks', message, remedy);
  let set: unknown;
  try {
    set = JSON.parse(text);
  } catch {
    fault('is no JSON text', 'paste what the issuer serves');
    return;
  }
  const list = isMapping(set) ? set['keys'] : undefined;
  if (!Array.isArray(list) || list.length === 0) {
    fault('is no JWK set: `keys` is missing or empty', 'paste what the issuer serves');
    return;
  }
  for (const [index, key] of list.entries()) {
    if (!isMapping(key) || typeof key['kty'] !== 'string')
      fault(`keys[${index}] is no key: \`kty\` is missing`, 'remove it');
    else if (isPrivateJwk(key))
      fault(
        `keys[${index}] holds a private key or a secret`,
        'write the public half alone, and replace that key at the issuer',
      );
  }
}
