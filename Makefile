# Posthorn.  `make run` and `make test` set up what is missing and do what they say.
#
#   make build                    the programs, in build/
#   make run                      the demo: an invented town, the pipeline, a live queue (README)
#   make test                     everything that must hold, on this machine
#   make tidy                     headers stand alone, layers hold, docs fresh, format clean
#   make bench                    figures; docs/BENCHMARKS.md.  PARTS="score peers pipeline"
#   make models                   the shipped weights again, from ../shared/data
#   SANITIZE=address,undefined    on any target: builds into build/san

BUILD    := build$(if $(SANITIZE),/san)
CC       := gcc
CFLAGS   ?= -O2 -g
PKGS     := libcurl rdkafka jansson libutf8proc hiredis sqlite3 libxml-2.0 yaml-0.1 libmicrohttpd libpsl libcrypto zlib
# immediate only where packages are there: `make setup` must work before
PKG_C    := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_L    := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
WARN     := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
# scoring must not depend on the machine: no contraction into fused multiply-add
ALL_C    := -std=c11 -D_GNU_SOURCE -I. -I$(BUILD)/gen -march=x86-64-v2 -ffp-contract=off $(WARN) $(PKG_C) \
            $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all -Wno-format-truncation) $(DEFINES)
ifneq ($(shell uname -m),x86_64)
ALL_C    := $(filter-out -march=x86-64-v2,$(ALL_C))
endif
LIBS     := -Wl,--as-needed $(PKG_L) -lstemmer -lm -lpthread
# a word per step; V=1 shows the commands
Q        := $(if $(V),,@)
say       = $(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,@echo '  $(1) $(2)')

objects   = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
common   := $(call objects,$(wildcard common/*.c common/*/*.c))
ingest   := $(call objects,$(filter-out ingest/main.c,$(wildcard ingest/*.c ingest/*/*.c)))
analyze  := $(call objects,$(filter-out analyze/main.c analyze/train_main.c,$(wildcard analyze/*.c analyze/*/*.c)))
route    := $(call objects,$(filter-out route/main.c,$(wildcard route/*.c route/*/*.c)))
world    := $(call objects,$(filter-out tests/world/main.c,$(wildcard tests/world/*.c)))
support  := $(call objects,$(wildcard tests/support/*.c))
oracle   := $(call objects,$(filter-out tests/oracle/agree.c,$(wildcard tests/oracle/*.c)))

# rooms as archives: two rooms may use one name, a program links one of them
rooms    := common ingest analyze route world support oracle
archive   = $(patsubst %,$(BUILD)/lib/%.a,$(1))
$(BUILD)/lib/%.a:
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $^
$(foreach room,$(rooms),$(eval $(BUILD)/lib/$(room).a: $($(room))))
all_rooms := $(call archive,support oracle world ingest analyze route common)

programs := $(BUILD)/posthorn-ingest $(BUILD)/posthorn-analyze $(BUILD)/posthorn-train \
            $(BUILD)/posthorn-route $(BUILD)/posthorn-world
unit     := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
contract := $(patsubst tests/contract/%.c,$(BUILD)/contract/%,$(wildcard tests/contract/*.c))
fuzz     := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
bench    := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c)) \
            $(if $(wildcard /usr/include/cld2/public/compact_lang_det.h),$(BUILD)/bench/cld2)

.PHONY: build run test tidy bench models format clean crash-mutants docs install \
        unit-tests contract-tests fuzz-seeds kill-tests test-tools bench-programs
build: $(programs)

$(BUILD)/posthorn-ingest:  $(call objects,ingest/main.c) $(call archive,ingest common)
$(BUILD)/posthorn-analyze: $(call objects,analyze/main.c) $(call archive,analyze common)
$(BUILD)/posthorn-train:   $(call objects,analyze/train_main.c) $(call archive,analyze common)
$(BUILD)/posthorn-route:   $(call objects,route/main.c) $(call archive,route common)
$(BUILD)/posthorn-world:   $(call objects,tests/world/main.c) $(call archive,world common)
$(programs):
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(ALL_C) -o $@ $^ $(LIBS)

# tests see every room; programs do not see each other
$(BUILD)/unit/% : $(BUILD)/obj/tests/unit/%.o $(all_rooms)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(ALL_C) -o $@ $^ -lcmocka $(LIBS)
$(BUILD)/contract/% : $(BUILD)/obj/tests/contract/%.o $(all_rooms)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(ALL_C) -o $@ $^ -lcmocka $(LIBS)
$(BUILD)/fuzz/% : $(BUILD)/obj/tests/fuzz/%.o $(all_rooms)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(ALL_C) -o $@ $^ $(LIBS)
$(BUILD)/bench/% : $(BUILD)/obj/tests/bench/%.o $(all_rooms)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(ALL_C) -o $@ $^ $(LIBS)
# beside vectorscan where it is installed
hs       := $(wildcard /usr/include/hs/hs.h)
$(BUILD)/obj/tests/bench/queries.o: CFLAGS += $(if $(hs),-DHAVE_HS)
$(BUILD)/bench/queries: LIBS += $(if $(hs),-lhs)
$(BUILD)/bench/cld2: tests/bench/cld2.cc
	@mkdir -p $(@D)
	$(call say,CXX ,$@)
	$(Q)g++ -O2 -g -Wall -Wextra -Werror -o $@ $< -lcld2

# two evaluators of the monitoring language against each other
$(BUILD)/oracle/agree: $(call objects,tests/oracle/agree.c) $(all_rooms)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(ALL_C) -o $@ $^ $(LIBS)

# tools of the scenarios
tools := $(addprefix $(BUILD)/tools/,buscat oracle_check)
test-tools: $(tools) $(BUILD)/bench/corpus $(BUILD)/oracle/agree
$(BUILD)/tools/%: $(BUILD)/obj/tests/tools/%.o $(call archive,common)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(ALL_C) -o $@ $^ $(LIBS)

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC  ,$@)
	$(Q)$(CC) $(CFLAGS) $(ALL_C) -MMD -MP -c -o $@ $<

# the Lua scripts of the queue become C strings: route/claim.lua is `lua_claim`
lua := $(sort $(wildcard route/lua/*.lua))
$(BUILD)/gen/lua.h: $(lua) tests/tools/embed.sh
	@mkdir -p $(@D)
	sh tests/tools/embed.sh $(lua) > $@.tmp && mv $@.tmp $@
$(route) $(call objects,route/main.c $(wildcard tests/contract/*redis*.c)): $(BUILD)/gen/lua.h

# the parts of German words become one: components.tsv is `components`
$(BUILD)/gen/components.h: common/query/components.tsv
	@mkdir -p $(@D)
	{ echo 'static const char components[] ='; sed -e 's/\t/\\t/' -e 's/.*/\t"&\\n"/' $<; echo '	;'; } > $@.tmp && mv $@.tmp $@
$(BUILD)/obj/common/query/part.o: $(BUILD)/gen/components.h

# ---- what people call ----

run:
	@sh tests/tools/setup.sh run$(if $(filter kafka,$(BUS)), kafka)
	@$(MAKE) -s -j2 build
	@bash tests/tools/run.sh
test:
	@sh tests/tools/setup.sh test
	@bash tests/tools/test.sh $(PARTS)
tidy: build
	@bash tests/tools/tidy.sh
bench:
	@sh tests/tools/setup.sh run
	@sh tests/tools/setup.sh bench || echo "bench: going on without what is missing" >&2
	@$(MAKE) -s build bench-programs
	@bash tests/bench/bench.sh $(PARTS)
models: build
	@bash tests/tools/models.sh
DOCS ?= docs
docs: build
	@bash tests/tools/docs.sh $(DOCS) $(BUILD)
format:
	clang-format -i $$(git ls-files '*.c' '*.h')
unit-tests: $(unit)
contract-tests: $(contract)
fuzz-seeds: $(fuzz)
bench-programs: $(bench)
export BUS CONFIG ONCE FRESH BUILD

-include tests/kill/kill.mk

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/posthorn $(DESTDIR)$(PREFIX)/share/man/man1
	install $(filter-out %-world,$(programs)) $(DESTDIR)$(PREFIX)/bin
	install -m 644 analyze/models/posthorn.model analyze/models/polarity.lexicon $(DESTDIR)$(PREFIX)/share/posthorn
	install -m 644 docs/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
PREFIX ?= /usr/local

.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

clean:
	rm -rf build
