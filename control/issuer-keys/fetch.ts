/**
 * Fetches a JWK set over HTTPS. Whoever may write an Authentication has the control plane send a request, so it goes to public services
 * only: no redirect is followed, no address of the host itself or its link is connected to, little is read, and nothing that came is told.
 */
import { err, type IpAddress, isLoopback, ok, type Result, unmapIpv4 } from '@weft/core/kernel';
import { isPrivateJwk } from '@weft/core/resources';
import { guardedGet, isLinkOrNone } from '../guarded-get/index.ts';

export interface FetchOptions {
  /** Whether an address may be connected to; default: not the host's own, not its link's, none that is no host. */
  readonly permits?: (address: IpAddress) => boolean;
  /** ms for all of it; default 5000. */
  readonly timeout?: number;
  /** Roots beside the system's, PEM. */
  readonly ca?: string;
}

/** The set as JSON text with the public keys alone. The error is a phrase. */
export async function fetchKeys(url: string, options: FetchOptions = {}): Promise<Result<string, string>> {
  const { permits = isElsewhere, timeout = 5000, ca } = options;
  const got = await guardedGet(url, {
    permits,
    timeout,
    ...(ca === undefined ? {} : { tls: { ca } }),
    who: 'the issuer',
    notPermitted: 'is an address of this host or its link',
  });
  return got.ok ? publicKeys(got.value) : got;
}

/** Neither this host, nor its link, nor anything that is no single host. */
export const isElsewhere = (address: IpAddress): boolean =>
  !isLoopback(unmapIpv4(address) as IpAddress) && !isLinkOrNone(address);

function publicKeys(text: string): Result<string, string> {
  let set: unknown;
  try {
    set = JSON.parse(text);
  } catch {
    return err('the answer is no JSON text');
  }
  const list = (set as { readonly keys?: unknown } | null)?.keys;
  if (!Array.isArray(list)) return err('the answer is no JWK set');
  const keys = list.filter(
    (key: unknown): key is object => typeof key === 'object' && key !== null && !isPrivateJwk(key),
  );
  return keys.length === 0 ? err('the JWK set holds no public key') : ok(JSON.stringify({ keys }));
}
