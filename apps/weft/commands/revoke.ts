/**
 * `weft revoke WORKLOAD` or `--registration ID`: the registration gets no further certificate, its streams end, its Workload goes. The
 * certificate that it holds is good until its end; an AccessPolicy keeps it out until then.
 */
import { WORKLOAD } from '@weft/core/resources';
import type { JsonObject } from '@weft/control/api/client';
import { REGISTRATION_ANNOTATION } from '@weft/control/registry';
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { CommandError, EXIT_OK, UsageError } from '../errors.ts';

export interface RevokeFlags extends ClientFlags {
  readonly namespace: string;
  readonly registration?: string;
}

export async function revoke(flags: RevokeFlags, [workload]: readonly string[]): Promise<number> {
  if ((workload === undefined) === (flags.registration === undefined))
    throw new UsageError('revoke takes a WORKLOAD that `weft status` shows, or --registration ID');
  const client = connect(flags);
  try {
    const registration = flags.registration ?? (await registrationOf(client, flags.namespace, workload ?? ''));
    await orFail(client.call('POST', '/weft/v1/revocations', { registration }));
    process.stdout.write(`registration ${registration} revoked: it gets no further certificate\n`);
    return EXIT_OK;
  } finally {
    client.close();
  }
}

async function registrationOf(client: ReturnType<typeof connect>, namespace: string, name: string): Promise<string> {
  const { metadata } = await orFail(client.get({ kind: WORKLOAD, namespace, name }));
  const annotations = (metadata as JsonObject | undefined)?.annotations as JsonObject | undefined;
  const registration = annotations?.[REGISTRATION_ANNOTATION];
  if (typeof registration === 'string') return registration;
  throw new CommandError(
    `workload ${namespace}/${name} was not registered by an agent`,
    `Delete it instead: weft delete workload ${name} -n ${namespace}`,
  );
}
