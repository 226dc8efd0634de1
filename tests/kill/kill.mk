# The kill test (tests/kill/README.md).  Included by the Makefile; uses its variables.

kill := $(call objects,$(wildcard tests/kill/*.c))

.PHONY: kill-tests
# the harness, and the programs with their crash points in a folder of their own
kill-tests: $(BUILD)/kill/posthorn-kill
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/crash DEFINES=-DPOSTHORN_CRASH_POINTS kill-programs
.PHONY: kill-programs
kill-programs: $(foreach p,ingest analyze route,$(BUILD)/posthorn-$(p))

$(BUILD)/kill/posthorn-kill: $(kill) $(common)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(ALL_C) -o $@ $^ $(LIBS)

# three deliberate mistakes; succeeds only if each is found
crash-mutants:
	@BUILD=$(BUILD) bash tests/kill/mutants.sh
