/**
 * `weft gateway --name NAME`: serves the Gateway of that name. A proxy alone, whose account is the Gateway's name: that identity is what the
 * control plane gives the Gateway's routes and certificates to.
 */
import { formatIp, parseIp } from '@weft/core/kernel';
import { GATEWAY_NAME_LABEL } from '@weft/core/resources';
import { UsageError } from '../errors.ts';
import { carryOut } from './run/index.ts';
import { planRun, type RunFlags, type RunPlan } from './run/plan.ts';

export interface GatewayFlags
  extends Pick<
    RunFlags,
    | 'name'
    | 'namespace'
    | 'mesh'
    | 'engine'
    | 'join'
    | 'controlPlane'
    | 'data'
    | 'admin'
    | 'metrics'
    | 'drain'
    | 'concurrency'
  > {
  readonly address?: readonly string[];
}

export const gateway = async (flags: GatewayFlags): Promise<number> => carryOut(await planGateway(flags), flags);

export async function planGateway(flags: GatewayFlags): Promise<RunPlan> {
  const texts = flags.address ?? ['127.0.0.1'];
  const wrong = texts.filter((text) => parseIp(text) === undefined);
  if (wrong.length > 0)
    throw new UsageError(`gateway:\n${wrong.map((text) => `  --address: '${text}' is not an IP address`).join('\n')}`);
  const addresses = [...new Set(texts.flatMap((text) => parseIp(text) ?? []).map(formatIp))];
  const plan = await planRun(
    { ...flags, address: addresses[0] ?? '', service: false, label: [`${GATEWAY_NAME_LABEL}=${flags.name}`] },
    [],
  );
  return {
    ...plan,
    gateway: true,
    workload: { ...plan.workload, addresses: addresses.map((ip) => ({ ip, network: '' })) },
  };
}
