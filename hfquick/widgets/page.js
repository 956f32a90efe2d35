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
