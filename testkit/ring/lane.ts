/** One client of the ring: sends payloads one after the other, and judges each. */
import { readHttp1, readHttp2 } from './reference.ts';
import { Http1Connection } from './http1-connection.ts';
import { Http2ClientConnection } from './http2-connection.ts';
import { judgeHttp1, judgeHttp2, type Verdict } from './judge.ts';
import type { Http1Payload, Http2Payload, Payload } from './payload.ts';
import type { Origins } from './origins.ts';

export class Lane {
  readonly #port: number;
  readonly #origins: Origins;
  readonly #patience: number;
  #http1: Http1Connection | undefined;
  #http2: Http2ClientConnection | undefined;

  /** `patience`: ms that a payload may take. */
  constructor(port: number, origins: Origins, patience: number) {
    this.#patience = patience;
    this.#port = port;
    this.#origins = origins;
  }

  run(payload: Payload): Promise<Verdict> {
    return payload.protocol === 'http1' ? this.#runHttp1(payload) : this.#runHttp2(payload);
  }

  close(): void {
    this.#http1?.destroy();
    this.#http2?.destroy();
  }

  async #runHttp1(payload: Http1Payload): Promise<Verdict> {
    const late = this.#http1?.unasked ?? '';
    if (payload.connection === 'fresh' || this.#http1?.reusable !== true) {
      this.#http1?.destroy();
      this.#http1 = await Http1Connection.open(this.#port, this.#origins);
      if (payload.connection === 'reused' && !(await this.#http1.warm(this.#patience)))
        return { kind: 'fault', faults: ['a good request on a new connection got no answer'] };
    }
    const connection = this.#http1;
    const reading = readHttp1(payload);
    connection.begin(reading.messages.map(({ method }) => method));
    await connection.send(payload.text, payload.cuts);
    const wanted = reading.messages.length;
    if (reading.rest === 'clean') await connection.until(() => connection.answers.length >= wanted, this.#patience);
    else {
      if (reading.rest === 'more') {
        await connection.until(() => connection.answers.length >= wanted, this.#patience);
        connection.end();
      }
      await connection.until(() => false, this.#patience);
    }
    const verdict = judgeHttp1(reading, connection);
    connection.settle();
    return late === '' ? verdict : { kind: 'fault', faults: [`before it came ${late}`, ...verdict.faults] };
  }

  async #runHttp2(payload: Http2Payload): Promise<Verdict> {
    if (payload.connection === 'fresh' || this.#http2?.usable !== true) {
      this.#http2?.destroy();
      this.#http2 = await Http2ClientConnection.open(this.#port, this.#origins);
    }
    const connection = this.#http2;
    const meaning = readHttp2(payload);
    const outcome = await connection.request(payload, this.#patience);
    return judgeHttp2(meaning, outcome, connection.origin);
  }
}
