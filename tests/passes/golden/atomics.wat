;; before
(module
 (func $f (param $0 i32) (param $1 i32) (result i32)
  (i32.atomic.store offset=8
   (local.get $0)
   (i32.atomic.load
    (i32.const 1024)
   )
  )
  (drop
   (i32.atomic.rmw.cmpxchg
    (i32.add
     (local.get $0)
     (i32.const 4)
    )
    (local.get $1)
    (i32.atomic.load
     (local.get $1)
    )
   )
  )
  (memory.copy
   (local.get $0)
   (local.get $1)
   (i32.const 9)
  )
  (memory.fill
   (local.get $0)
   (i32.const 0)
   (i32.const 9)
  )
  (drop
   (memory.atomic.wait32
    (local.get $0)
    (i32.const 0)
    (i64.const -1)
   )
  )
  (memory.atomic.notify
   (local.get $0)
   (i32.const 1)
  )
 )
)

;; after
(module
 (func $f (param $0 i32) (param $1 i32) (result i32)
  (local $2 i32)
  (if
   (i32.ge_u
    (i32.shr_u
     (i32.add
      (local.tee $2
       (local.get $0)
      )
      (i32.const 8)
     )
     (i32.const 16)
    )
    (memory.size)
   )
   (then
    (drop
     (memory.grow
      (i32.const 0)
     )
    )
   )
  )
  (i32.atomic.store offset=8
   (local.get $2)
   (i32.atomic.load
    (i32.const 1024)
   )
  )
  (if
   (i32.ge_u
    (i32.shr_u
     (i32.add
      (local.tee $2
       (i32.add
        (local.get $0)
        (i32.const 4)
       )
      )
      (i32.const 0)
     )
     (i32.const 16)
    )
    (memory.size)
   )
   (then
    (drop
     (memory.grow
      (i32.const 0)
     )
    )
   )
  )
  (drop
   (i32.atomic.rmw.cmpxchg
    (local.get $2)
    (local.get $1)
    (block (result i32)
     (if
      (i32.ge_u
       (i32.shr_u
        (i32.add
         (local.tee $2
          (local.get $1)
         )
         (i32.const 0)
        )
        (i32.const 16)
       )
       (memory.size)
      )
      (then
       (drop
        (memory.grow
         (i32.const 0)
        )
       )
      )
     )
     (i32.atomic.load
      (local.get $2)
     )
    )
   )
  )
  (call $port_memory_copy
   (local.get $0)
   (local.get $1)
   (i32.const 9)
  )
  (call $port_memory_fill
   (local.get $0)
   (i32.const 0)
   (i32.const 9)
  )
  (drop
   (call $port_wait32
    (local.get $0)
    (i32.const 0)
    (i64.const -1)
   )
  )
  (if
   (i32.ge_u
    (i32.shr_u
     (i32.add
      (local.tee $2
       (local.get $0)
      )
      (i32.const 0)
     )
     (i32.const 16)
    )
    (memory.size)
   )
   (then
    (drop
     (memory.grow
      (i32.const 0)
     )
    )
   )
  )
  (memory.atomic.notify
   (local.get $2)
   (i32.const 1)
  )
 )
)

