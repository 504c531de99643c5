"""What each accepted kind of file must look like inside. Every check returns the fault as a sentence, or nothing."""
