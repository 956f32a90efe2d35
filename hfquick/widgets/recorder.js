// Records a sound in the page, or asks for a file of it, and lets the page play what was sent: see recorder.py.
const RATE = 16000; // Hz of what is decoded here: that of the models
const MOST_DECODED = 200e6; // bytes of a file that is decoded here
const SHOWN = 0.1; // seconds between two looks of the meter
const PATIENCE = 5000; // ms until sound has to begin; without loudspeakers or headphones Firefox waits for ever
const FILES = "audio/*,.wav,.mp3,.flac,.ogg,.oga,.opus,.aif,.aiff,.m4a,.aac,.webm";
const TAP = `registerProcessor("hfquick-tap", class extends AudioWorkletProcessor {
  process([[samples]]) { if (samples) this.port.postMessage(samples.slice()); return true; }
});`;

// [channels of samples from -1 to 1], rate -> the bytes of a WAV in one channel, of 16 bits.
const wav = (channels, rate) => {
  const count = channels[0].length, view = new DataView(new ArrayBuffer(44 + 2 * count));
  const letters = (at, text) => [...text].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  letters(0, "RIFF"); view.setUint32(4, 36 + 2 * count, true); letters(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, rate, true); view.setUint32(28, 2 * rate, true); view.setUint16(32, 2, true);
  view.setUint16(34, 16, true); letters(36, "data"); view.setUint32(40, 2 * count, true);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (const samples of channels) sum += samples[i];
    view.setInt16(44 + 2 * i, Math.max(-32768, Math.min(32767, Math.round(32768 * sum / channels.length))), true);
  }
  return view.buffer;
};

const joined = (parts) => {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return all;
};

// Whether Python reads such a file: WAV, FLAC, OGG, MP3, AIFF, by its first bytes; not AAC, which begins like MP3.
const isRead = (bytes) => {
  const start = String.fromCharCode(...bytes.slice(0, 4));
  if (["RIFF", "RF64", "fLaC", "OggS", "FORM"].includes(start) || start.startsWith("ID3")) return true;
  return bytes[0] === 0xff && bytes[1] >= 0xe0 && (bytes[1] & 6) !== 0;
};

// A file -> its name, size and bytes as Python reads them: what it does not read, the browser decodes.
const opened = async (file, most) => {
  const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (file.size > most || !isRead(start)) {
    try {
      if (file.size > MOST_DECODED) throw new RangeError();
      const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await file.arrayBuffer());
      const channels = Array.from({ length: sound.numberOfChannels }, (_, i) => sound.getChannelData(i));
      const content = wav(channels, sound.sampleRate);
      const name = file.name.replace(/(\.[^.]*)?$/, ".wav");
      if (content.byteLength <= most) return { name, size: content.byteLength, content };
    } catch { /* Python says of a small one what it is */ }
  }
  return { name: file.name, size: file.size, content: file.size > most ? null : await file.arrayBuffer() };
};

// The kernel sends back what was sent to it, as the page plays it. It has a message of its own, and the players around
// `el` an address that is good in this page only: what stands in HTML is in the state of a widget, which may be saved.
const playing = (model, el) => {
  let address = "", root = null, gone = false;
  const fill = (players) => {
    for (const player of root.querySelectorAll(players)) if (address) player.src = address;
  };
  const came = ({ kind }, [content]) => {
    URL.revokeObjectURL(address);
    address = content ? URL.createObjectURL(new Blob([content], { type: kind })) : "";
    fill("audio[data-sent]");
  };
  const drawn = new MutationObserver(() => fill("audio[data-sent]:not([src])"));
  const begin = (tries) => {
    root = el.closest(".hfquick-playground");
    if (root) {
      drawn.observe(root, { childList: true, subtree: true });
      model.on("msg:custom", came);
      model.send({ asks: true }); // there may be a sound from before this view
    } else if (tries && !gone) requestAnimationFrame(() => begin(tries - 1));
  };
  begin(600);
  return () => {
    gone = true;
    drawn.disconnect();
    model.off("msg:custom", came);
    URL.revokeObjectURL(address);
  };
};

export default {
  render({ model, el }) {
    const words = model.get("words"), mostBytes = model.get("most_bytes");
    el.classList.add("hfquick-recorder");

    const add = (tag, className = "", parent = el) => {
      const made = document.createElement(tag);
      made.className = className;
      return parent.appendChild(made);
    };
    const button = (name, press) => {
      const made = add("button", "lm-Widget jupyter-widgets jupyter-button widget-button");
      made.type = "button";
      made.addEventListener("click", press);
      made.title = words[name + "_tip"];
      made.textContent = words[name];
      return made;
    };
    const send = ({ name, size, content }, recorded) =>
      model.send({ name, size, recorded }, undefined, content ? [content] : []);
    const say = (text) => { told.textContent = text; };

    // A file, or on a phone what its own recorder makes.
    const ask = (recorder) => {
      const input = document.createElement("input");
      input.type = "file";
      input.accept = recorder ? "audio/*" : FILES;
      if (recorder) input.setAttribute("capture", "user");
      input.addEventListener("change", async () => {
        const [file] = input.files;
        if (!file) return;
        say(words.opening);
        try {
          send(await opened(file, mostBytes), false);
        } finally {
          say(missing || refused);
        }
      });
      input.click();
    };

    // The microphone.
    let recording = null, refused = "", asking = false, gone = false, stream = null, context = null;

    // The microphone is off, and no longer the page's.
    const off = () => {
      stream?.getTracks().forEach((track) => track.stop());
      context?.close();
      stream = context = null;
    };

    const begin = async () => {
      asking = true;
      say(words.asking);
      let node = null;
      try {
        const wanted = { channelCount: 1, echoCancellation: false };
        stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
        if (gone) return off(); // the cell was cleared, or run again, while the browser asked
        context = new AudioContext();
        const tap = URL.createObjectURL(new Blob([TAP], { type: "text/javascript" }));
        await context.audioWorklet.addModule(tap);
        URL.revokeObjectURL(tap);
        if (gone) return; // and the microphone is off
        const begun = await Promise.race([
          context.resume().then(() => true),
          new Promise((done) => setTimeout(done, PATIENCE, false)),
        ]);
        if (gone) return;
        if (!begun) throw new DOMException("", "TimeoutError");
        node = new AudioWorkletNode(context, "hfquick-tap");
        context.createMediaStreamSource(stream).connect(node).connect(context.destination); // which stays silent
      } catch (error) {
        off();
        if (gone) return;
        const why = { NotAllowedError: words.forbidden, NotFoundError: words.none, TimeoutError: words.silent };
        refused = why[error.name] ?? words.failed.replace("{name}", error.name);
        draw();
        say(refused);
        return;
      } finally {
        asking = false;
      }
      refused = "";
      const rate = context.sampleRate;
      const most = Math.min(model.get("most_seconds"), (mostBytes - 44) / 2 / rate);
      const parts = [];
      let count = 0, peak = 0, next = 0;
      node.port.onmessage = ({ data }) => {
        if (!recording) return;
        parts.push(data);
        count += data.length;
        for (const value of data) peak = Math.max(peak, Math.abs(value));
        const seconds = count / rate;
        if (seconds >= next) {
          clock.textContent = words.clock.replace("{now}", seconds.toFixed(1)).replace("{most}", Math.floor(most));
          meter.value = Math.sqrt(peak); // a loud voice is ten times as strong as a soft one
          peak = 0;
          next = seconds + SHOWN;
        }
        if (seconds >= most) end(words.full);
      };
      stream.getTracks()[0].addEventListener("ended", () => end(words.lost));
      recording = () => wav([joined(parts)], rate);
      window.addEventListener("keydown", cancelled, true); // before JupyterLab, wherever the focus is
      draw();
      say(words.recording);
    };

    const end = (said = "", keep = true) => {
      if (!recording) return;
      const sound = recording;
      recording = null;
      window.removeEventListener("keydown", cancelled, true);
      off();
      const content = keep ? sound() : null;
      draw();
      say(said);
      if (content?.byteLength > 44) send({ name: "recording.wav", size: content.byteLength, content }, true);
    };

    const cancelled = (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      end(words.dropped, false);
    };

    const policy = document.permissionsPolicy ?? document.featurePolicy;
    const missing = !window.isSecureContext || !navigator.mediaDevices?.getUserMedia ? words.insecure
      : policy?.allowsFeature?.("microphone") === false ? words.framed : "";

    const record = button("record", () => {
      if (recording) end();
      else if (missing) ask(true);
      else if (!asking) begin();
    });
    const upload = button("upload", () => ask(false));
    const level = add("span", "hfquick-level");
    const meter = add("meter", "", level);
    const clock = add("span", "", level);
    const device = button("device", () => ask(true));
    const told = add("span", "hfquick-recorder-told");
    meter.setAttribute("aria-hidden", "true");
    clock.setAttribute("aria-hidden", "true"); // it would be read ten times a second
    told.setAttribute("role", "status");
    told.setAttribute("aria-live", "polite");

    const draw = () => {
      record.textContent = recording ? words.stop : missing ? words.device : words.record;
      record.title = recording ? words.stop_tip : missing ? words.device_tip : words.record_tip;
      record.classList.toggle("hfquick-records", Boolean(recording));
      level.hidden = !recording;
      device.hidden = !refused; // a microphone may be allowed later
      clock.textContent = "";
      meter.value = 0;
    };
    draw();
    say(missing);
    const played = playing(model, el);
    return () => {
      gone = true;
      end("", false);
      off();
      played();
    };
  },
};
