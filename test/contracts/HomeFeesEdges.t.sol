// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IHomeFees} from "../../contracts/interfaces/IHomeFees.sol";
import {IMembershipRegistry as I} from "../../contracts/interfaces/IMembershipRegistry.sol";
import {MembershipFixture} from "./support/MembershipFixture.sol";

/// Where the credit just suffices, the last second that it covers, and debts of the second in which a standing begins.
contract HomeFeesEdgesTest is MembershipFixture {
    uint32 private constant HOME = 1;
    uint32 private constant OTHER = 2;

    function setUp() public override {
        super.setUp();
        (address payee, ) = account("payee");
        goodOperator(payee);
        goodOperator(payee);
    }

    function two(uint256 first, uint256 second) private view returns (IHomeFees.Key[] memory keys) {
        keys = new IHomeFees.Key[](2);
        (keys[0], keys[1]) = (IHomeFees.Key(first, alice), IHomeFees.Key(second, alice));
    }

    function claimedUntil(uint256 id) private view returns (uint256) {
        return registry.member(id, alice).claimedUntil;
    }

    /// A thousand units a second; a fault made all that the other one paid nobody's.
    function test_claimFees_goesOnWhereTheCreditJustSuffices() public {
        uint256 old = joinAt(SECRET, 100, alice, HOME);
        skip(TERM);
        slashOperator(HOME);
        uint256 id = joinAt(SECRET + 1, 360, alice, HOME);
        skip(50);
        leaveCredit(HOME, 45_000);
        eq(registry.claimFees(two(id, old)), 45_000, "all the credit");
        eq(registry.accruedFees(old, alice), 0, "and the next");
        eq(feesBurned(), 100 * FEE + 5_000, "is burned");
    }

    /// 1,666 units a second, and less than three: the rest of the credit would pay for all of the second.
    function test_claimFees_stopsAtTheFirstThatIsCut() public {
        uint256 large = joinAt(SECRET, 600, alice, HOME);
        uint256 small = joinAt(SECRET + 1, 1, alice, HOME);
        uint256 start = block.timestamp;
        skip(100);
        leaveCredit(HOME, 100_000); // 111,111 with the tenth
        registry.claimFees(two(large, small));
        eq(claimedUntil(large), start + 66, "cut");
        eq(claimedUntil(small), start, "untouched");
    }

    /// 25 units a second, and a credit of one less than three seconds.
    function test_claimFees_paysNoSecondThatTheCreditDoesNotCover() public {
        uint256 id = joinAt(SECRET, 9, alice, HOME);
        uint256 start = block.timestamp;
        skip(100);
        leaveCredit(HOME, 67); // 74 with the tenth
        eq(registry.claimFees(list(id, alice)), 45, "nine tenths of two seconds");
        eq(claimedUntil(id), start + 2, "two seconds");
    }

    /// 10 units in 7 seconds: two of them after two seconds, three only after three.
    function test_claimFees_paysTheLastSecondThatTheCreditCovers() public {
        I.Params memory p = params();
        (p.term, p.feePerMessage) = (7, 10);
        useRegistry(p);
        vm.warp(((block.timestamp + 7) / 7) * 7);
        uint256 start = block.timestamp;
        uint256 id = joinAt(SECRET, 1, alice, HOME);
        skip(5);
        leaveCredit(HOME, 2);
        eq(registry.claimFees(list(id, alice)), 2, "all the credit");
        eq(claimedUntil(id), start + 2, "two seconds");
    }

    function test_setHome_burnsADebtOfTheSecondInWhichTheStandingBegins() public {
        uint256 id = joinAt(SECRET, 100, alice, HOME);
        skip(TERM / 4);
        setHome(id, alice, OTHER);
        slashOperator(HOME);
        setHome(id, alice, HOME);
        skip(TERM / 4);
        setHome(id, alice, OTHER);
        (uint256 kept, ) = registry.owed(HOME);
        (uint256 lost, ) = registry.owed(0);
        eq(kept, 25 * FEE, "only what it earned since");
        eq(lost, 25 * FEE, "the old debt is to be burned");
    }
}
