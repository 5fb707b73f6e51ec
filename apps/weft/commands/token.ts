/** `weft token create --service-account NAME`: a token that one workload may join with, once. It is printed and kept nowhere. */
import { parseDuration } from '@weft/core/kernel';
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { EXIT_OK, UsageError } from '../errors.ts';

export interface TokenFlags extends ClientFlags {
  readonly serviceAccount: string;
  readonly namespace: string;
  readonly ttl: string;
}

export async function createToken(flags: TokenFlags): Promise<number> {
  const ttlMs = parseDuration(flags.ttl);
  if (ttlMs === undefined || ttlMs < 1000)
    throw new UsageError(`--ttl takes a duration of at least 1s such as 10m, not '${flags.ttl}'`);
  const client = connect(flags);
  try {
    const made = (await orFail(
      client.call('POST', '/weft/v1/tokens', { namespace: flags.namespace, account: flags.serviceAccount, ttlMs }),
    )) as {
      readonly token: string;
    };
    process.stdout.write(`${made.token}\n`);
    return EXIT_OK;
  } finally {
    client.close();
  }
}
