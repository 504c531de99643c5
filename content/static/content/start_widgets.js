// <start-widget> starts one of Wagtail's widgets where Wagtail would write a script into the page. Like such a script it
// does so the moment it comes into the page, before anything else has touched the fields beside it.

const starters = {
  date: (field, options) => window.initDateChooser(field, options),
  time: (field, options) => window.initTimeChooser(field, options),
  datetime: (field, options) => window.initDateTimeChooser(field, options),
  inline: (field, options) => new window.InlinePanel(options),
  several: (field, options) => new window.MultipleChooserPanel(options),
  Chooser: (field, options) => new window.Chooser(field, options),
  PageChooser: (field, options) => new window.PageChooser(field, options),
  ImageChooser: (field, options) => new window.ImageChooser(field, options),
  DocumentChooser: (field, options) => new window.DocumentChooser(field, options),
  SnippetChooser: (field, options) => new window.SnippetChooser(field, options),
  TaskChooser: (field) => window.createTaskChooser(field),
};

customElements.define(
  "start-widget",
  class extends HTMLElement {
    connectedCallback() {
      if (this.started) return;
      this.started = true;
      starters[this.getAttribute("what")](this.getAttribute("field"), JSON.parse(this.getAttribute("options")));
    }
  },
);
