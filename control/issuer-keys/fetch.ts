/**
 * Fetches a JWK set over HTTPS. Whoever may write an Authentication has the control plane send a request, so it goes to public services
 * only: no redirect is followed, no address of the host itself or its link is connected to, little is read, and nothing that came is told.
 */
import { lookup as resolve, type LookupAddress } from 'node:dns';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { err, type IpAddress, isLoopback, ok, parseIp, type Result, unmapIpv4 } from '@weft/core/kernel';
import { isPrivateJwk } from '@weft/core/resources';

export interface FetchOptions {
  /** Whether an address may be connected to; default: not the host's own, not its link's, none that is no host. */
  readonly permits?: (address: IpAddress) => boolean;
  /** ms for all of it; default 5000. */
  readonly timeout?: number;
  /** Roots beside the system's, PEM. */
  readonly ca?: string;
}

const MAX_BYTES = 1 << 20;

/** The set as JSON text with the public keys alone. The error is a phrase. */
export function fetchKeys(url: string, options: FetchOptions = {}): Promise<Result<string, string>> {
  const { permits = isElsewhere, timeout = 5000, ca } = options;
  return new Promise((settle) => {
    const failed = (reason: string): void => settle(err(reason));
    const request = https.get(
      url,
      {
        lookup: guarded(permits),
        signal: AbortSignal.timeout(timeout),
        headers: { accept: 'application/json' },
        agent: false,
        ...(ca === undefined ? {} : { ca }),
      },
      (response) => {
        if (response.statusCode !== 200) {
          response.destroy();
          failed(`the issuer answered ${response.statusCode}`);
          return;
        }
        const parts: Buffer[] = [];
        let length = 0;
        response.on('data', (part: Buffer) => {
          length += part.length;
          if (length <= MAX_BYTES) parts.push(part);
          else response.destroy(new Error(`the answer is longer than ${MAX_BYTES} octets`));
        });
        response.on('end', () => settle(publicKeys(Buffer.concat(parts).toString('utf8'))));
        response.on('error', (error) => failed(error.message));
      },
    );
    request.on('error', (error) =>
      failed(error.name === 'TimeoutError' ? `no answer within ${timeout} ms` : error.message),
    );
  });
}

/** Neither this host, nor its link (169.254.0.0/16: where clouds keep credentials), nor anything that is no single host. */
export function isElsewhere(address: IpAddress): boolean {
  const { family, bytes } = unmapIpv4(address);
  if (isLoopback({ family, bytes } as IpAddress) || bytes.every((byte) => byte === 0)) return false;
  const [first = 0, second = 0] = bytes;
  if (family === 4) return first !== 0 && first !== 127 && first < 224 && !(first === 169 && second === 254);
  return first !== 0xff && !(first === 0xfe && (second & 0xc0) === 0x80);
}

const guarded =
  (permits: (address: IpAddress) => boolean): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '');
      const permitted = addresses.filter(({ address }) => {
        const ip = parseIp(address);
        return ip !== undefined && permits(ip);
      });
      const [first] = permitted;
      if (first === undefined) return callback(new Error(`${hostname} is an address of this host or its link`), '');
      if (options.all === true) (callback as unknown as (error: null, all: LookupAddress[]) => void)(null, permitted);
      else callback(null, first.address, first.family);
    });
  };

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
