/** Whether this system lets several sockets accept on one address (SO_REUSEPORT with balancing: Linux, FreeBSD 12, Solaris 11.4; not macOS, not Windows). */
import { createServer } from 'node:net';

export const canSharePorts = (): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port: 0, reusePort: true }, () => server.close(() => resolve(true)));
  });
