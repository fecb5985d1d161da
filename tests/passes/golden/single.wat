;; before
(module
 (func $f (param $0 i32) (param $1 i64) (result i32)
  (i64.atomic.store offset=8
   (local.get $0)
   (local.get $1)
  )
  (atomic.fence)
  (drop
   (i64.atomic.rmw32.cmpxchg_u offset=4
    (local.get $0)
    (local.get $1)
    (i64.const 1)
   )
  )
  (drop
   (i32.atomic.rmw8.sub_u
    (local.get $0)
    (i32.const 3)
   )
  )
  (drop
   (i32.atomic.rmw.xchg offset=300
    (local.get $0)
    (i32.const 3)
   )
  )
  (i32.atomic.load16_u
   (local.get $0)
  )
 )
)

;; after
(module
 (func $f (param $0 i32) (param $1 i64) (result i32)
  (i64.store offset=8
   (local.get $0)
   (local.get $1)
  )
  (nop)
  (drop
   (call $gr_single.i64_32.cmpxchg
    (local.get $0)
    (local.get $1)
    (i64.const 1)
    (i32.const 4)
   )
  )
  (drop
   (call $gr_single.i32_8.sub
    (local.get $0)
    (i32.const 3)
    (i32.const 0)
   )
  )
  (drop
   (call $gr_single.i32.xchg
    (local.get $0)
    (i32.const 3)
    (i32.const 300)
   )
  )
  (i32.load16_u
   (local.get $0)
  )
 )
 (func $gr_single.i64_32.cmpxchg (param $0 i32) (param $1 i64) (param $2 i64) (param $3 i32) (result i64)
  (local $4 i64)
  (local.set $0
   (i32.add
    (local.get $0)
    (local.get $3)
   )
  )
  (local.set $4
   (i64.load32_u
    (local.get $0)
   )
  )
  (block $block
   (br_if $block
    (i64.ne
     (local.get $4)
     (i64.and
      (local.get $1)
      (i64.const 4294967295)
     )
    )
   )
   (i64.store32
    (local.get $0)
    (local.get $2)
   )
  )
  (local.get $4)
 )
 (func $gr_single.i32_8.sub (param $0 i32) (param $1 i32) (param $2 i32) (result i32)
  (local $3 i32)
  (local.set $0
   (i32.add
    (local.get $0)
    (local.get $2)
   )
  )
  (local.set $3
   (i32.load8_u
    (local.get $0)
   )
  )
  (i32.store8
   (local.get $0)
   (i32.sub
    (local.get $3)
    (local.get $1)
   )
  )
  (local.get $3)
 )
 (func $gr_single.i32.xchg (param $0 i32) (param $1 i32) (param $2 i32) (result i32)
  (local $3 i32)
  (local.set $0
   (i32.add
    (local.get $0)
    (local.get $2)
   )
  )
  (local.set $3
   (i32.load
    (local.get $0)
   )
  )
  (i32.store
   (local.get $0)
   (local.get $1)
  )
  (local.get $3)
 )
)

