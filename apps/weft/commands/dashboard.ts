/** `weft dashboard`: the dashboard on loopback, by the rights of whoever starts it; prints its link and serves until it is ended. */
import { LocalDashboard } from '@weft/dashboard/server';
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { CommandError, EXIT_OK, UsageError } from '../errors.ts';

export interface DashboardFlags extends ClientFlags {
  readonly port: string;
}

export async function dashboard(flags: DashboardFlags): Promise<number> {
  const port = Number(flags.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port takes 0 to 65535, not '${flags.port}'`);
  const client = connect(flags);
  await orFail(client.version());
  const server = new LocalDashboard({
    port,
    upstream({ method, target, headers }, body) {
      const request = client.open(method, target, headers);
      if (body === undefined) request.end();
      else body.pipe(request);
      return request;
    },
  });
  let link: string;
  try {
    link = await server.start();
  } catch (error) {
    throw new CommandError(
      `127.0.0.1:${port}: ${error instanceof Error ? error.message : String(error)}`,
      'Choose another with --port, or leave it out.',
    );
  }
  process.stdout.write(`${link}\n`);
  process.stderr.write(
    'Open this link in a browser on this machine. It is for you alone: who has it sees what you may see.\n',
  );
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  server.stop();
  client.close();
  return EXIT_OK;
}
