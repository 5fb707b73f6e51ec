/** One request over TLS as raw octets, and how it ended. */
import tls from 'node:tls';

const REQUEST = 'GET /probe HTTP/1.1\r\nHost: good.test\r\nConnection: close\r\n\r\n';

/** What came back until the connection ended; `refused: CODE` when it was refused. */
export const talkTls = (port: number, options: tls.ConnectionOptions, request = REQUEST): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
    socket.setTimeout(20_000, () => socket.destroy(new Error('still open')));
    socket.on('secureConnect', () => socket.write(request));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(`refused: ${error.code ?? error.message}`));
    socket.on('close', () => resolve(text === '' ? 'refused: closed' : text));
  });
