// Marks the widget around it: see page.py.
export default {
  render({ model, el }) {
    el.style.display = "none";
    const mark = (tries) => {
      const root = el.closest("." + model.get("root"));
      if (!root) {
        if (tries) requestAnimationFrame(() => mark(tries - 1));
        return;
      }
      root.addEventListener("focusin", (event) => {
        if (event.target.matches("select, button, input[type=checkbox]"))
          event.target.setAttribute("data-lm-suppress-shortcuts", "true");
      });
      const told = root.querySelector(".hfquick-told");
      if (told) {
        told.setAttribute("role", "status");
        told.setAttribute("aria-live", "polite");
      }
      const code = root.querySelector(".hfquick-code textarea");
      if (code) code.setAttribute("aria-label", model.get("code_label"));
    };
    mark(600);
  },
};
