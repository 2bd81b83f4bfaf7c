/** What browsers record, best first: Ogg as it is, WebM to be written anew, MP4 where there is nothing else. */
const TYPES = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];

/** A voice that was recorded. */
export interface Recorded {
  file: Blob;
  millis: number;
}

/** Records what is spoken. Fails when the person or the browser does not let it. */
export class Recorder {
  readonly #recorder: MediaRecorder;
  readonly #stream: MediaStream;
  readonly #context: AudioContext;
  readonly #meter: AnalyserNode;
  readonly #wave: Uint8Array<ArrayBuffer>;
  readonly #parts: Blob[] = [];
  readonly #now: () => number;
  readonly #begun: number;

  static async start(now: () => number): Promise<Recorder> {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true },
    });
    try {
      return new Recorder(stream, now);
    } catch (error) {
      for (const track of stream.getTracks()) track.stop();
      throw error;
    }
  }

  private constructor(stream: MediaStream, now: () => number) {
    const type = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
    this.#stream = stream;
    this.#recorder = new MediaRecorder(stream, { ...(type && { mimeType: type }), audioBitsPerSecond: 24_000 });
    this.#recorder.ondataavailable = ({ data }) => this.#parts.push(data);
    this.#context = new AudioContext();
    this.#meter = this.#context.createAnalyser();
    this.#meter.fftSize = 512;
    this.#wave = new Uint8Array(this.#meter.fftSize);
    this.#context.createMediaStreamSource(stream).connect(this.#meter);
    this.#now = now;
    this.#begun = now();
    this.#recorder.start(1000);
  }

  get millis(): number {
    return this.#now() - this.#begun;
  }

  /** How loud it is, from 0 to 1. */
  level(): number {
    this.#meter.getByteTimeDomainData(this.#wave);
    let most = 0;
    for (const value of this.#wave) most = Math.max(most, Math.abs(value - 128));
    return Math.min(1, most / 96);
  }

  /** Nothing of it is kept. */
  cancel(): void {
    this.#recorder.ondataavailable = null;
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
    this.#release();
  }

  async stop(): Promise<Recorded> {
    const { millis } = this;
    const done = new Promise<void>((resolve) => {
      this.#recorder.onstop = () => resolve();
    });
    this.#recorder.stop();
    await done;
    this.#release();
    const type = this.#recorder.mimeType.split(";")[0] ?? "";
    const file = new Blob(this.#parts, { type });
    return { file: type === "audio/webm" ? await ogg(file) : file, millis };
  }

  #release(): void {
    for (const track of this.#stream.getTracks()) track.stop();
    void this.#context.close();
  }
}

async function ogg(webm: Blob): Promise<Blob> {
  const { webmToOgg } = await import("./ogg.ts");
  const [serial = 0] = crypto.getRandomValues(new Uint32Array(1));
  return new Blob(webmToOgg(new Uint8Array(await webm.arrayBuffer()), serial), { type: "audio/ogg" });
}
