/** The host and port that a request is for, of its canonical authority. */
import { formatIp, parseIp } from '@weft/core/kernel';

export interface NamedHost {
  /** In lower case, without brackets; an address in its canonical text. */
  readonly name: string;
  readonly port: number;
  /** It is an address: nothing is to be resolved. */
  readonly literal: boolean;
}

/** DNS takes no longer name (RFC 1035, 2.3.4). */
const LONGEST = 253;

/** undefined: it is no host and port. `port`: where it names none. */
export function namedHost(authority: string, port: number): NamedHost | undefined {
  const [, bracketed, plain = '', said] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(authority) ?? [];
  const number = said === undefined ? port : Number(said);
  if (number < 1 || number > 65_535) return undefined;
  const address = parseIp(bracketed ?? plain);
  if (address !== undefined) return { name: formatIp(address), port: number, literal: true };
  if (bracketed !== undefined || plain.length === 0 || plain.length > LONGEST) return undefined;
  // Octets that no name holds never reach a resolver.
  return /^[a-z0-9_.-]+$/.test(plain) ? { name: plain, port: number, literal: false } : undefined;
}
