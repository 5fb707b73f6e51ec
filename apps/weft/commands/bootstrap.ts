/** `weft bootstrap envoy|grpc --name NAME`: the bootstrap of a foreign data plane on the agent of a workload that runs on this host. */
import path from 'node:path';
import { writeEnvoyBootstrap, writeGrpcBootstrap } from '@weft/envoy/bootstrap/write';
import { dataFolder } from '../cli/data-folder.ts';
import { CommandError, EXIT_OK, UsageError } from '../errors.ts';
import { runningAgents } from './run/agent-folder.ts';

export interface BootstrapFlags {
  readonly name: string;
  readonly namespace: string;
  readonly data?: string;
}

export function bootstrap(flags: BootstrapFlags, [engine = '']: readonly string[]): number {
  if (engine !== 'envoy' && engine !== 'grpc') throw new UsageError(`bootstrap takes envoy or grpc, not '${engine}'`);
  const data = dataFolder(flags.data);
  const agent = runningAgents(data).find(
    ({ namespace, name, workload }) =>
      namespace === flags.namespace && (name === flags.name || workload === flags.name),
  );
  if (agent === undefined) {
    throw new CommandError(
      `no agent of ${flags.namespace}/${flags.name} runs here with the data folder ${data}`,
      `Start one: weft run --name ${flags.name} --namespace ${flags.namespace}`,
    );
  }
  const { locality } = agent;
  const id = `${agent.namespace}/${agent.workload}`;
  if (engine === 'envoy') {
    const node = {
      id,
      cluster: agent.name,
      metadata: {
        'dev.weft': {
          ...(agent.metadata['dev.weft'] as object),
          engine: { name: 'envoy', version: '1.40.0', features: [] },
        },
      },
      locality,
    };
    process.stdout.write(
      writeEnvoyBootstrap({
        node,
        admin: undefined,
        agentSocket: agent.socket,
        delta: false,
        maxDownstreamConnections: undefined,
      }),
    );
  } else {
    const node = {
      id,
      cluster: agent.name,
      metadata: { 'dev.weft': { engine: { name: 'grpc', version: '', features: [] } } },
      locality,
    };
    const file = (name: string): string => path.join(agent.folder, name);
    process.stdout.write(
      writeGrpcBootstrap({
        node,
        agentSocket: agent.socket,
        certificates: {
          certificateFile: file('certificate.pem'),
          privateKeyFile: file('key.pem'),
          rootsFile: file('roots.pem'),
        },
      }),
    );
  }
  return EXIT_OK;
}
