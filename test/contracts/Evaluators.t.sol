// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../contracts/interfaces/IEscrow.sol";
import {CabRide} from "../../contracts/escrow/evaluators/CabRide.sol";
import {Milestones} from "../../contracts/escrow/evaluators/Milestones.sol";
import {ParametricInsurance} from "../../contracts/escrow/evaluators/ParametricInsurance.sol";
import {DealFixture} from "./support/DealFixture.sol";

abstract contract EvaluatorFixture is DealFixture {
    int256 internal constant T = int256(uint256(TEA));

    I.Terms internal t;
    bytes32 internal id;

    function agree(I.Terms memory terms_) internal {
        t = terms_;
        t.appFeeBps = 0;
        id = escrow.dealId(t);
    }

    /// @dev EIP-712 as a wallet would do it, apart from the contract's own code.
    function digestOf(
        address contract_,
        string memory name,
        bytes memory encoded
    ) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256(bytes(name)),
                keccak256("1"),
                block.chainid,
                contract_
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, keccak256(encoded)));
    }

    function refusesWith(bytes memory reason, bytes memory evidence) internal {
        (bool works, bytes memory answer) = t.evaluator.staticcall(
            abi.encodeWithSignature(
                "evaluate(bytes32,(address,address,address,address,uint128,uint128,uint128,uint128,uint40,uint40,uint40,uint16,address,uint16,bytes32),uint128,bytes)",
                id,
                t,
                uint128(0),
                evidence
            )
        );
        ok(!works, "refuses");
        eq(keccak256(answer), keccak256(reason), "for this reason");
        if (stateOf(id) != I.State.Funded) return;
        vm.expectRevert(abi.encodeWithSelector(I.EvaluatorFailed.selector, id, t.evaluator));
        escrow.evaluate(t, evidence);
    }
}

contract CabRideTest is EvaluatorFixture {
    bytes32 private constant CODE = keccak256("told on arrival");

    CabRide private cab;
    CabRide.Ride private ride;

    function setUp() public override {
        super.setUp();
        cab = new CabRide();
        ride.codeHash = keccak256(abi.encode(CODE));
        ride.steps.push(CabRide.Step(uint40(block.timestamp) + 100, 1_000));
        ride.steps.push(CabRide.Step(uint40(block.timestamp) + 200, 5_000));
        I.Terms memory terms_ = evaluatedTerms(address(cab));
        terms_.details = keccak256(abi.encode(ride));
        agree(terms_);
        fundDeal(t);
    }

    function cancellation(uint256 key) private view returns (bytes memory) {
        bytes memory encoded = abi.encode(keccak256("Cancellation(bytes32 deal)"), id);
        return signature(key, digestOf(address(cab), "Teahouse CabRide", encoded));
    }

    function test_code_paysTheDriver() public {
        escrow.evaluate(t, abi.encode(ride, CODE, ""));
        moved(-100 * T, 100 * T, 0, 0);
    }

    function test_code_paysTheDriverItsCollateralToo() public {
        t.collateral = COLLATERAL;
        agree(t);
        fundAndAccept(t);
        escrow.evaluate(t, abi.encode(ride, CODE, ""));
        change(bob, 100 * T, "driver");
    }

    function test_cancellation_mayCostTheWholeFare() public {
        ride.steps[0] = CabRide.Step(0, 10_000);
        t.details = keccak256(abi.encode(ride));
        agree(t);
        fundDeal(t);
        escrow.evaluate(t, abi.encode(ride, 0, cancellation(aliceKey)));
        change(bob, 100 * T, "driver");
    }

    function test_cancellation_costsByItsTime() public {
        uint256 start = block.timestamp;
        uint256[4] memory times = [uint256(99), 100, 199, 200];
        uint128[4] memory shares = [uint128(0), 10 * TEA, 10 * TEA, 50 * TEA];
        for (uint256 i = 0; i < 4; ++i) {
            vm.warp(start + times[i]);
            (uint128 amount, bool isFinal) = cab.evaluate(
                id,
                t,
                0,
                abi.encode(ride, 0, cancellation(aliceKey))
            );
            eq(amount, shares[i], "the driver's share");
            ok(isFinal, "ends the deal");
        }
        escrow.evaluate(t, abi.encode(ride, 0, cancellation(aliceKey)));
        moved(-50 * T, 50 * T, 0, 0);
    }

    function test_cancellation_returnsTheDriversCollateral() public {
        t.collateral = COLLATERAL;
        agree(t);
        fundAndAccept(t);
        escrow.evaluate(t, abi.encode(ride, 0, cancellation(aliceKey)));
        change(bob, 0, "driver");
    }

    function test_refuses() public {
        bytes32 wrong = bytes32(uint256(CODE) ^ 1);
        refusesWith(abi.encodeWithSelector(CabRide.WrongCode.selector, id), abi.encode(ride, wrong, ""));
        bytes memory bobs = abi.encode(ride, 0, cancellation(bobKey));
        refusesWith(abi.encodeWithSelector(CabRide.NotCancelled.selector, id), bobs);
        bytes memory otherDeal = cancellation(aliceKey);
        ride.steps[0].bps = 0;
        refusesWith(abi.encodeWithSelector(CabRide.OtherRide.selector, id), abi.encode(ride, CODE, ""));
        ride.steps[0] = CabRide.Step(0, 10_001);
        t.details = keccak256(abi.encode(ride));
        agree(t);
        fundDeal(t);
        refusesWith(
            abi.encodeWithSelector(CabRide.NotCancelled.selector, id),
            abi.encode(ride, 0, otherDeal) // signed for the first deal
        );
        refusesWith(
            abi.encodeWithSelector(CabRide.BadStep.selector, id, 10_001),
            abi.encode(ride, 0, cancellation(aliceKey))
        );
    }

    function test_neither_leadsToTheDefault() public {
        vm.warp(uint256(t.deliverBy) + t.disputeWindow + 1);
        escrow.expire(t);
        moved(0, 0, 0, 0);
    }
}

contract MilestonesTest is EvaluatorFixture {
    Milestones private milestones;
    Milestones.Plan private plan;

    function setUp() public override {
        super.setUp();
        milestones = new Milestones();
        plan.inspector = carol;
        plan.totals = [20 * TEA, 50 * TEA, 90 * TEA];
        I.Terms memory terms_ = evaluatedTerms(address(milestones));
        terms_.details = keccak256(abi.encode(plan));
        agree(terms_);
        fundDeal(t);
    }

    function inspected(uint256 done, uint256 key) private view returns (bytes memory) {
        bytes memory encoded = abi.encode(keccak256("Inspection(bytes32 deal,uint256 done)"), id, done);
        return
            abi.encode(
                plan,
                done,
                signature(key, digestOf(address(milestones), "Teahouse Milestones", encoded))
            );
    }

    function test_eachMilestoneIsPaidOnce_theLastEndsTheDeal() public {
        bytes memory one = inspected(1, carolKey);
        escrow.evaluate(t, one);
        change(bob, 20 * T, "the first");
        vm.expectRevert(
            abi.encodeWithSelector(I.BadSplit.selector, id, 20 * TEA, 20 * TEA + 1, 100 * TEA - 1)
        );
        escrow.evaluate(t, one);
        escrow.evaluate(t, inspected(2, carolKey));
        change(bob, 50 * T, "and the second");
        vm.expectRevert(
            abi.encodeWithSelector(I.BadSplit.selector, id, 20 * TEA, 50 * TEA + 1, 100 * TEA - 1)
        );
        escrow.evaluate(t, one);
        escrow.evaluate(t, inspected(3, carolKey));
        moved(-90 * T, 90 * T, 0, 0);
    }

    function test_oneInspectionMayStandForSeveral() public {
        escrow.evaluate(t, inspected(2, carolKey));
        change(bob, 50 * T, "both");
        vm.warp(uint256(t.deliverBy) + t.disputeWindow + 1);
        escrow.expire(t);
        moved(-50 * T, 50 * T, 0, 0);
    }

    function test_refuses() public {
        for (uint256 i = 0; i < 2; ++i)
            refusesWith(
                abi.encodeWithSelector(Milestones.NoSuchMilestone.selector, id, i * 4),
                inspected(i * 4, carolKey)
            );
        refusesWith(abi.encodeWithSelector(Milestones.NotInspected.selector, id, 1), inspected(1, bobKey));
        bytes memory one = inspected(1, carolKey);
        plan.inspector = bob;
        refusesWith(abi.encodeWithSelector(Milestones.OtherPlan.selector, id), inspected(1, bobKey));
        plan.inspector = carol;
        t.details = "another plan";
        agree(t);
        refusesWith(abi.encodeWithSelector(Milestones.OtherPlan.selector, id), one);
    }
}

contract ParametricInsuranceTest is EvaluatorFixture {
    ParametricInsurance private insurance;
    ParametricInsurance.Policy private policy;

    /// @dev alice insures herself with bob against rain above 50 mm a day, for a premium of 100 and a payout of 40.
    function setUp() public override {
        super.setUp();
        insurance = new ParametricInsurance();
        policy = ParametricInsurance.Policy({
            oracle: carol,
            subject: "rain in Lisbon, mm a day",
            threshold: 50,
            from: uint40(block.timestamp) + 100,
            payout: 40 * TEA,
            salt: "salt"
        });
        I.Terms memory terms_ = collateralTerms();
        terms_.evaluator = address(insurance);
        terms_.defaultToPayee = 10_000;
        terms_.details = keccak256(abi.encode(policy));
        agree(terms_);
        fundAndAccept(t);
        skip(500);
    }

    function reading(int256 value, uint40 time, uint256 key) private view returns (bytes memory) {
        bytes memory encoded = abi.encode(
            keccak256("Reading(bytes32 subject,int256 value,uint40 time)"),
            policy.subject,
            value,
            time
        );
        bytes32 digest = digestOf(address(insurance), "Teahouse ParametricInsurance", encoded);
        return abi.encode(policy, ParametricInsurance.Reading(value, time), signature(key, digest));
    }

    function now_() private view returns (uint40) {
        return uint40(block.timestamp);
    }

    function test_reading_atTheThresholdPaysTheInsured() public {
        escrow.evaluate(t, reading(50, now_(), carolKey));
        moved(-60 * T, 60 * T, 0, 0);
    }

    function test_reading_ofTheFirstSecondPaysTheInsured() public {
        escrow.evaluate(t, reading(50, policy.from, carolKey));
        moved(-60 * T, 60 * T, 0, 0);
    }

    function test_noReading_isTheInsurers() public {
        vm.warp(uint256(t.deliverBy) + t.disputeWindow + 1);
        escrow.expire(t);
        moved(-100 * T, 100 * T, 0, 0);
    }

    /// An insurer that disputes, and has a silent arbiter, would keep all by the default.
    function test_dispute_doesNotStopAReading() public {
        vm.prank(bob);
        escrow.dispute(t);
        escrow.evaluate(t, reading(51, now_(), carolKey));
        moved(-60 * T, 60 * T, 0, 0);
    }

    function test_refuses() public {
        bytes memory notCovered = abi.encodeWithSelector(ParametricInsurance.NotCovered.selector, id);
        refusesWith(notCovered, reading(49, now_(), carolKey));
        refusesWith(notCovered, reading(50, policy.from - 1, carolKey));
        refusesWith(notCovered, reading(50, now_() + 1, carolKey));
        bytes memory late = reading(50, t.deliverBy + 1, carolKey);
        vm.warp(uint256(t.deliverBy) + 1);
        refusesWith(notCovered, late);
        refusesWith(
            abi.encodeWithSelector(ParametricInsurance.NotRead.selector, id),
            reading(50, t.deliverBy, bobKey)
        );
        policy.threshold = 1;
        refusesWith(
            abi.encodeWithSelector(ParametricInsurance.OtherPolicy.selector, id),
            reading(50, t.deliverBy, carolKey)
        );
        policy.payout = 41 * TEA; // more than the insurer has locked
        t.details = keccak256(abi.encode(policy));
        agree(t);
        refusesWith(
            abi.encodeWithSelector(ParametricInsurance.NotCovered.selector, id),
            reading(50, t.deliverBy, carolKey)
        );
    }
}
