/** gRPC's own interop programs (google.golang.org/grpc/interop): the server as a process, and one run of the client a test case. */
import net from 'node:net';
import { freePort } from '../ports/index.ts';
import { TestProcess } from '../process/index.ts';
import { toolPath } from '../tools/index.ts';
import { until } from '../wait/index.ts';

export const INTEROP_TOOLS = ['grpc-interop-client', 'grpc-interop-server'] as const;

/** All cases of the Go client but those that need Google's credentials. */
export const INTEROP_CASES: readonly string[] = [
  'empty_unary',
  'large_unary',
  'client_streaming',
  'server_streaming',
  'ping_pong',
  'empty_stream',
  'timeout_on_sleeping_server',
  'cancel_after_begin',
  'cancel_after_first_response',
  'status_code_and_message',
  'special_status_message',
  'custom_metadata',
  'unimplemented_method',
  'unimplemented_service',
  'rpc_soak',
  'channel_soak',
];

export interface InteropServer {
  readonly port: number;
  stop(): Promise<void>;
}

export async function startInteropServer(): Promise<InteropServer> {
  const port = await freePort();
  const process = new TestProcess(toolPath('grpc-interop-server'), [`-port=${port}`]);
  await until(() => accepts(port), { what: 'the interop server' });
  return { port, stop: () => process.stop(500) };
}

/** What the client complained of; undefined: the case holds. */
export async function runInteropCase(port: number, name: string): Promise<string | undefined> {
  const client = new TestProcess(toolPath('grpc-interop-client'), [
    '-server_host=127.0.0.1',
    `-server_port=${port}`,
    `-test_case=${name}`,
    ...(name.endsWith('_soak') ? ['-soak_iterations=20', '-soak_num_threads=2'] : []),
  ]);
  const { code } = await client.ended(8_000);
  return code === 0 ? undefined : `exit ${code}: ${client.stderr.slice(-2000)}`;
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
