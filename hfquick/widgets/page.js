// Marks the widget around it: see page.py.
export default {
  render({ model, el }) {
    el.style.display = "none";

    const ask = () => {
      const input = document.createElement("input");
      input.type = "file";
      input.accept = "image/*";
      input.addEventListener("change", async () => {
        const [file] = input.files;
        if (!file) return;
        const about = { name: file.name, size: file.size };
        if (file.size > model.get("most_bytes")) model.send(about);
        else model.send(about, undefined, [await file.arrayBuffer()]);
      });
      input.click();
    };

    const label = (handle) => {
      const words = handle.closest(".widget-slider, .jupyter-widgets")?.querySelector(".widget-label");
      if (words) handle.setAttribute("aria-label", words.textContent);
    };

    // While a sound is played, the word that is heard is marked in the text beside it.
    const follow = (root, audio) => {
      let around = audio.parentElement;
      while (around.parentElement && !around.querySelector("[data-start]")) around = around.parentElement;
      if (audio.closest(".hfquick-preview") || !root.contains(around)) return; // no words belong to it
      const words = [...around.querySelectorAll("[data-start]")];
      const step = () => {
        const plays = !audio.paused && audio.isConnected;
        const heard = words.findLast((word) => word.dataset.start <= audio.currentTime);
        for (const word of words) word.classList.toggle("hfquick-now", plays && word === heard);
        if (plays) requestAnimationFrame(step);
      };
      step();
    };

    const mark = (tries) => {
      const root = el.closest("." + model.get("root"));
      if (!root) {
        if (tries) requestAnimationFrame(() => mark(tries - 1));
        return;
      }
      root.addEventListener("focusin", (event) => {
        if (event.target.matches("select, button, input[type=checkbox], [role=slider]"))
          event.target.setAttribute("data-lm-suppress-shortcuts", "true");
      });
      root.addEventListener("play", (event) => follow(root, event.target), true); // it does not bubble
      for (const told of root.querySelectorAll(".hfquick-told, .hfquick-preview")) {
        told.setAttribute("role", "status");
        told.setAttribute("aria-live", "polite");
      }
      const code = root.querySelector(".hfquick-code textarea");
      if (code) code.setAttribute("aria-label", model.get("code_label"));
      root.querySelectorAll("[role=slider]").forEach(label);

      const upload = root.querySelector(".hfquick-upload");
      if (upload && model.get("most_bytes")) {
        const words = upload.lastChild; // "Upload (0)": it will never hold a file
        words.textContent = words.textContent.replace(/ \(\d+\)$/, "");
        upload.setAttribute("data-hfquick-ready", "true");
        const asked = (event) => {
          if (!event.target.closest(".hfquick-upload")) return;
          event.stopPropagation(); // the button would put the file into its state
          ask();
        };
        root.addEventListener("click", asked, true);
      }
    };
    mark(600);
  },
};
